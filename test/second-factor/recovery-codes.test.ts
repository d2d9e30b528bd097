import { expect } from 'chai';
import { systemRandom } from '../../src/core/random.ts';
import { newCodes, readCode, showCode } from '../../src/second-factor/recovery-code/codes.ts';
import { recoverySet } from '../../src/second-factor/recovery-code/recovery-code.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

describe('recovery codes', () => {
  it('come as 15 different ones of 16 unmistakable symbols', () => {
    const codes = newCodes();
    expect(codes).to.have.length(15);
    expect(new Set(codes).size).to.equal(15);
    for (const code of codes) expect(code).to.match(/^[0-9A-HJKMNP-TV-Z]{16}$/);
  });

  it('use every symbol equally often at every place', () => {
    const codes = Array.from({ length: 700 }, () => newCodes()).flat();
    const expected = codes.length / 32;
    for (let place = 0; place < 16; place++) {
      const counts = new Map<string, number>();
      for (const code of codes) counts.set(code.charAt(place), (counts.get(code.charAt(place)) ?? 0) + 1);
      const chiSquare = [...ALPHABET].reduce(
        (sum, symbol) => sum + ((counts.get(symbol) ?? 0) - expected) ** 2 / expected,
        0,
      );
      // 31 degrees of freedom: above 90 once in 10^7.
      expect(chiSquare).to.be.below(90);
    }
    expect(new Set(codes).size).to.equal(codes.length);
  });

  it('draw again when the source repeats itself', () => {
    let draws = 0;
    const codes = newCodes((bytes) => Buffer.alloc(bytes, Math.floor(draws++ / 2)));
    expect(new Set(codes).size).to.equal(15);
  });

  it('are shown in four groups, and read back from them', () => {
    for (const code of newCodes()) {
      expect(showCode(code)).to.match(/^([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/);
      expect(readCode(showCode(code))).to.equal(code);
    }
  });

  const spellings = [
    'ABCD-EFGH-JKMN-0110',
    'abcd efgh jkmn 0110',
    '  ABCDEFGHJKMN0110\n',
    'abcdefghjkmnoilo',
    'ABCD–EFGH–JKMN–OLIO',
    'ＡＢＣＤ－ＥＦＧＨ－ＪＫＭＮ－０１１０',
    'A B C D E F G H J K M N O 1 l 0',
  ];
  for (const spelling of spellings) {
    it(`are read from ${JSON.stringify(spelling)}`, () => {
      expect(readCode(spelling)).to.equal('ABCDEFGHJKMN0110');
    });
  }

  for (const wrong of [
    '',
    'ABCD',
    'ABCD-EFGH-JKMN-011',
    'ABCD-EFGH-JKMN-01100',
    'UUUU-UUUU-UUUU-UUUU',
    'ABCD.EFGH.JKMN.0110',
    'ABCDEFGHJKMN011\0',
    'A'.repeat(200_000),
  ]) {
    it(`are not read from ${JSON.stringify(wrong.slice(0, 24))}`, () => {
      expect(readCode(wrong)).to.equal(null);
    });
  }
});

describe('the stored form of a set', () => {
  const digests = {
    digestCode: async (code: string, salt: string, pepperId: string | null) => `${pepperId}|${salt}|${code}`,
  };
  const made = (codes: string[]) =>
    recoverySet(codes, { digests, pepperId: 'p1', random: systemRandom, clock: () => new Date(0) });

  it('holds a digest a code under one salt of its own, and the key that made them', async () => {
    const codes = newCodes();
    const [one, two] = await Promise.all([made(codes.map(showCode)), made(codes)]);
    expect(one.digests).to.deep.equal(codes.map((code) => `p1|${one.salt}|${code}`));
    expect(one.pepperId).to.equal('p1');
    expect(Buffer.from(one.salt, 'base64url')).to.have.length(16);
    expect(one.salt).to.not.equal(two.salt);
  });

  it('is not made from what is no code', async () => {
    let failure: unknown;
    await made(['ABCD']).catch((error: unknown) => (failure = error));
    expect(failure).to.be.instanceOf(RangeError);
  });
});
