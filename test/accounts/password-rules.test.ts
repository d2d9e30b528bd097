import { expect } from 'chai';
import { judgePassword } from '../../src/accounts/password-rules.ts';

const about = ['ana.ribeiro@northwind.example', 'Ana Ribeiro', 'northwind', 'Northwind Support'];
const alone = { secondFactor: false, about };
const withSecondFactor = { secondFactor: true, about };

describe('the rules for a new password', () => {
  it('wants 15 characters where it is alone, and 8 where a second factor follows', () => {
    expect(judgePassword('fern kettle ow', alone)).to.equal('too-short');
    expect(judgePassword('fern kettle owl', alone)).to.equal(null);
    expect(judgePassword('fernket', withSecondFactor)).to.equal('too-short');
    expect(judgePassword('fernkett', withSecondFactor)).to.equal(null);
  });

  it('takes 64 and 128 characters, and no more', () => {
    const words = 'fern kettle owl violin harbour mist copper lane saddle 29 quilt! ';
    expect(judgePassword(words.slice(0, 64), alone)).to.equal(null);
    expect(judgePassword((words + [...words].reverse().join('')).slice(0, 128), alone)).to.equal(null);
    expect(judgePassword((words + [...words].reverse().join('')).slice(0, 128) + 'x', alone)).to.equal(
      'too-long',
    );
  });

  it('counts code points, and takes every script, spaces and emoji', () => {
    const emoji = Array.from({ length: 15 }, (_, i) => String.fromCodePoint(0x1f600 + i * 3)).join('');
    expect(judgePassword(emoji, alone)).to.equal(null);
    expect(judgePassword([...emoji].slice(0, 14).join(''), alone)).to.equal('too-short');
    expect(judgePassword('пожалуйста чайник', alone)).to.equal(null);
    expect(judgePassword(' fern kettle o ', alone)).to.equal(null);
    expect(judgePassword('829174650938271', alone)).to.equal(null);
  });

  it('wants no capital, digit or sign', () => {
    expect(judgePassword('ferns and kettles', alone)).to.equal(null);
  });

  it('refuses what is no text', () => {
    expect(judgePassword('', alone)).to.equal('empty');
    expect(judgePassword('fern kettle owl \ud800', alone)).to.equal('malformed');
  });

  for (const [password, reason] of [
    ['password', 'common'],
    ['Password2026', 'common'],
    ['P@ssw0rd!', 'common'],
    ['!!letmein!!', 'common'],
    ['welcomewelcome', 'repeats'],
    ['welcome welcome', 'common'],
    ['1234567890', 'sequence'],
    ['abcdefgh', 'sequence'],
    ['87654321', 'sequence'],
    ['qwertyuiop', 'sequence'],
    ['asdfghjk1', 'sequence'],
    ['1qaz2wsx', 'sequence'],
    ['aaaaaaaa', 'repeats'],
    ['abababababababab', 'repeats'],
    ['xyz xyz xyz xyz ', 'repeats'],
    ['stile2026', 'personal'],
    ['Northwind1', 'personal'],
    ['northwind support', 'personal'],
    ['ana.ribeiro', 'personal'],
    ['Ribeiro-2026!', 'personal'],
  ] as const) {
    it(`refuses ${password} as ${reason}`, () => {
      expect(judgePassword(password, withSecondFactor)).to.equal(reason);
    });
  }

  it('takes a long sentence that happens to hold a name or a common word', () => {
    expect(judgePassword('ribeiro drinks green tea at noon', alone)).to.equal(null);
    expect(judgePassword('no password like a long one', alone)).to.equal(null);
  });
});
