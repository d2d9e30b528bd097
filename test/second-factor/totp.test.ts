import { expect } from 'chai';
import { generateSync } from 'otplib';
import { readAppCode } from '../../src/second-factor/authenticator-app/app-code.ts';
import {
  findClockOffset,
  isUsableSecret,
  matchTimeStep,
  newSecret,
  offsetMinutes,
  otpauthUri,
  timeStepOf,
} from '../../src/second-factor/authenticator-app/totp.ts';
import { systemRandom } from '../../src/core/random.ts';

/** RFC 6238 appendix B: SHA-1, the ASCII secret "12345678901234567890"; the last six of its eight digits. */
const RFC_SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const RFC_VECTORS = [
  [59, '94287082'],
  [1111111109, '07081804'],
  [1111111111, '14050471'],
  [1234567890, '89005924'],
  [2000000000, '69279037'],
  [20000000000, '65353130'],
] as const;

const at = (seconds: number) => new Date(seconds * 1000);
const codeAt = (secret: string, seconds: number) => generateSync({ secret, epoch: seconds });

describe('time-based codes', () => {
  for (const [seconds, digits] of RFC_VECTORS) {
    it(`match the RFC 6238 vector at ${seconds} s`, () => {
      expect(matchTimeStep(RFC_SECRET, digits.slice(2), at(seconds))).to.equal(Math.floor(seconds / 30));
    });
  }

  it('match in the present step, the one before and the one after, and in no other', () => {
    const now = 1_800_000_015;
    const accepted = [-3, -2, -1, 0, 1, 2, 3].filter(
      (steps) => matchTimeStep(RFC_SECRET, codeAt(RFC_SECRET, now + steps * 30), at(now)) !== null,
    );
    expect(accepted).to.deep.equal([-1, 0, 1]);
  });

  it('name the step they belong to, to the last second of it', () => {
    const code = codeAt(RFC_SECRET, 1_800_000_000);
    expect(matchTimeStep(RFC_SECRET, code, at(1_800_000_059))).to.equal(60_000_000);
    expect(matchTimeStep(RFC_SECRET, code, at(1_800_000_060))).to.equal(null);
  });

  it('do not match before the first step of all', () => {
    expect(matchTimeStep(RFC_SECRET, '000000', at(0))).to.equal(null);
    expect(findClockOffset(RFC_SECRET, '000000', at(0))).to.equal(null);
  });

  it('throw on a secret that is too short or no base32', () => {
    expect(() => matchTimeStep('GEZDGNBV', '123456', at(59))).to.throw();
    expect(() => matchTimeStep('not base32!', '123456', at(59))).to.throw();
  });
});

describe('the search for a clock that is off', () => {
  const now = 1_800_000_015;
  for (const [steps, minutes] of [
    [-2, -1],
    [-7, -4],
    [-120, -60],
    [2, 1],
    [20, 10],
    [61, 31],
    [120, 60],
  ] as const) {
    it(`tells ${steps} steps as ${minutes} minutes`, () => {
      const offset = findClockOffset(RFC_SECRET, codeAt(RFC_SECRET, now + steps * 30), at(now));
      expect(offset).to.equal(steps);
      expect(offsetMinutes(steps)).to.equal(minutes);
    });
  }

  it('ends after an hour, and does not look where a code is accepted', () => {
    for (const steps of [-121, -1, 0, 1, 121]) {
      expect(findClockOffset(RFC_SECRET, codeAt(RFC_SECRET, now + steps * 30), at(now))).to.equal(null);
    }
  });
});

describe('reading an app code', () => {
  const good = [
    '123456',
    ' 123 456 ',
    '123-456',
    '１２３４５６',
    '12 34\t56',
    '123\u2013456',
    '1\u00a023456',
  ];
  for (const typed of good) {
    it(`takes ${JSON.stringify(typed)}`, () => {
      expect(readAppCode(typed)).to.deep.equal({ ok: true, code: '123456' });
    });
  }

  const bad = [
    '12345',
    '1234567',
    '12345a',
    '١٢٣٤٥٦',
    '१२३४५६',
    '123456\0',
    '1.23456',
    '+123456',
    '𝟏𝟐𝟑𝟒𝟓𝟔',
    '1'.repeat(100_000),
  ];
  for (const typed of bad) {
    it(`refuses ${JSON.stringify(typed.slice(0, 20))} as malformed`, () => {
      expect(readAppCode(typed)).to.deep.equal({ ok: false, reason: 'malformed' });
    });
  }

  it('tells an empty field from a wrong form', () => {
    expect(readAppCode(undefined)).to.deep.equal({ ok: false, reason: 'empty' });
    expect(readAppCode('  ')).to.deep.equal({ ok: false, reason: 'empty' });
  });
});

describe('a new secret', () => {
  it('has 160 bits from the source it is given', () => {
    const asked: number[] = [];
    const secret = newSecret((bytes) => {
      asked.push(bytes);
      return Buffer.from('12345678901234567890');
    });
    expect(secret).to.equal(RFC_SECRET);
    expect(asked).to.deep.equal([20]);
  });

  it('is another one each time, and one that verification accepts', () => {
    const secrets = Array.from({ length: 200 }, () => newSecret(systemRandom));
    expect(new Set(secrets).size).to.equal(200);
    expect(secrets.every((secret) => /^[A-Z2-7]{32}$/.test(secret) && isUsableSecret(secret))).to.equal(true);
  });

  it('is told from one that can never work', () => {
    expect(isUsableSecret('GEZDGNBV')).to.equal(false);
    expect(isUsableSecret('11111111111111111111111111111111')).to.equal(false);
    expect(isUsableSecret('')).to.equal(false);
  });
});

describe('the address in the QR code', () => {
  it('names issuer, account and secret, with no colon but its own', () => {
    const uri = new URL(otpauthUri({ secret: RFC_SECRET, issuer: 'Acme: Co', account: 'a:b@x.example' }));
    expect(uri.protocol).to.equal('otpauth:');
    expect(decodeURIComponent(uri.pathname).split(':')).to.have.length(2);
    expect(uri.searchParams.get('issuer')).to.equal('Acme Co');
    expect(uri.searchParams.get('secret')).to.equal(RFC_SECRET);
  });

  it('says what an app needs when the values are not the usual ones, and leaves the usual ones to it', () => {
    const uri = new URL(otpauthUri({ secret: RFC_SECRET, issuer: 'Acme', account: 'a@x.example' }));
    expect([null, '6']).to.include(uri.searchParams.get('digits'));
    expect([null, '30']).to.include(uri.searchParams.get('period'));
    expect([null, 'SHA1']).to.include(uri.searchParams.get('algorithm'));
  });
});

describe('the time step', () => {
  it('is seconds by thirty, rounded down', () => {
    expect(timeStepOf(new Date(59_999))).to.equal(1);
    expect(timeStepOf(new Date(60_000))).to.equal(2);
  });
});
