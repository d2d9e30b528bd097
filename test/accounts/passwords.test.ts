import { expect } from 'chai';
import type { StoredPassword } from '../../src/accounts/account.ts';
import { type Argon2, nodeArgon2, nodeRsArgon2 } from '../../src/accounts/argon2.ts';
import { hashQueue } from '../../src/accounts/hash-queue.ts';
import { createPasswords, type PasswordProblem, type Passwords } from '../../src/accounts/passwords.ts';
import { DomainError } from '../../src/core/errors.ts';
import type { Keyring } from '../../src/keys.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const LONG_AGO = new Date('2025-01-01T00:00:00Z');

function ring(...ids: [string, ...string[]]): Keyring {
  const secretOf = (id: string) => Buffer.from(id.padEnd(32, '.'));
  return {
    current: { id: ids[0], secret: secretOf(ids[0]) },
    find: (id) => (ids.includes(id) ? secretOf(id) : null),
  };
}

/** Counts the computations, and does them. */
function counted(argon2: Argon2) {
  const calls = { hash: 0, verify: 0 };
  const counting: Argon2 = {
    ...argon2,
    hash: (...args) => ((calls.hash += 1), argon2.hash(...args)),
    verify: (...args) => ((calls.verify += 1), argon2.verify(...args)),
  };
  return { counting, calls };
}

async function setUp(argon2: Argon2, pepper = ring('pepper-2', 'pepper-1')) {
  const { counting, calls } = counted(argon2);
  const alarms: PasswordProblem[] = [];
  const passwords = await createPasswords({
    argon2: counting,
    queue: hashQueue({ concurrency: 2 }),
    pepper,
    recoveryPepper: ring('recovery-1'),
    clock: () => NOW,
    alarm: (problem) => alarms.push(problem),
  });
  calls.hash = 0;
  return { passwords, calls, alarms };
}

async function codeOf(promise: Promise<unknown>): Promise<string | null> {
  return promise.then(
    () => null,
    (error: unknown) => (error instanceof DomainError ? error.code : String(error)),
  );
}

const libraries: readonly [string, () => Promise<Argon2>, () => Promise<Argon2>][] = [
  ['@node-rs/argon2', nodeRsArgon2, nodeArgon2],
  ['argon2', nodeArgon2, nodeRsArgon2],
];

for (const [library, load, loadOther] of libraries) {
  describe(`passwords by ${library}`, () => {
    let argon2: Argon2;
    let passwords: Passwords;
    before(async () => {
      argon2 = await load();
      ({ passwords } = await setUp(argon2));
    });

    it('is the library that it says', () => expect(argon2.library).to.equal(library));

    it('makes argon2id digests of 19 MiB and two passes, with the key named and the moment kept', async () => {
      const stored = await passwords.hash('meadow lantern teacup');
      expect(stored.phc).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[^$]{22}\$[^$]{43}$/);
      expect(stored).to.deep.include({ pepperId: 'pepper-2', changedAt: NOW });
    });

    it('accepts the right password and refuses another', async () => {
      const stored = await passwords.hash('meadow lantern teacup');
      expect(await passwords.verify(stored, 'meadow lantern teacup')).to.deep.equal({
        ok: true,
        upgrade: null,
      });
      expect(await passwords.verify(stored, 'meadow lantern teacups')).to.deep.equal({
        ok: false,
        upgrade: null,
      });
    });

    it('gives every digest a salt of its own', async () => {
      const [one, two] = [await passwords.hash('same words'), await passwords.hash('same words')];
      expect(one.phc).not.to.equal(two.phc);
    });

    it('verifies what the other library made, and the other way round', async () => {
      const other = await setUp(await loadOther());
      const theirs = await other.passwords.hash('meadow lantern teacup');
      const ours = await passwords.hash('meadow lantern teacup');
      expect((await passwords.verify(theirs, 'meadow lantern teacup')).ok).to.equal(true);
      expect((await other.passwords.verify(ours, 'meadow lantern teacup')).ok).to.equal(true);
    });

    it('digests a recovery code the same as the other library', async () => {
      const other = await setUp(await loadOther());
      const salt = Buffer.alloc(16, 7).toString('base64url');
      const digest = await passwords.digestCode('ABCD', salt, 'recovery-1');
      expect(digest).to.match(/^[\w-]{43}$/);
      expect(await other.passwords.digestCode('ABCD', salt, null)).to.equal(digest);
      expect(await passwords.digestCode('ABCE', salt, 'recovery-1')).not.to.equal(digest);
    });

    it('reads parameters in the order in which the argon2 package used to write them', async () => {
      const stored = await passwords.hash('meadow lantern teacup');
      const old = { ...stored, phc: stored.phc.replace('t=2,p=1', 'p=1,t=2') };
      expect(old.phc).to.include('m=19456,p=1,t=2');
      expect(await passwords.verify(old, 'meadow lantern teacup')).to.deep.equal({ ok: true, upgrade: null });
    });

    it('does not verify without the pepper', async () => {
      const stored = await passwords.hash('meadow lantern teacup');
      expect(await argon2.verify(stored.phc, 'meadow lantern teacup', null)).to.equal(false);
    });
  });
}

describe('passwords', () => {
  let argon2: Argon2;
  before(async () => (argon2 = await nodeRsArgon2()));

  const imported = (phc: string): StoredPassword => ({ phc, pepperId: null, changedAt: LONG_AGO });

  it('takes a letter typed as one or as two code points for the same, and keeps every space', async () => {
    const { passwords } = await setUp(argon2);
    const stored = await passwords.hash(' cafe\u0301 au lait ');
    expect((await passwords.verify(stored, ' caf\u00e9 au lait ')).ok).to.equal(true);
    expect((await passwords.verify(stored, 'caf\u00e9 au lait')).ok).to.equal(false);
  });

  it('reads long passwords to the last character, and characters beyond 16 bits whole', async () => {
    const { passwords } = await setUp(argon2);
    const long = 'x'.repeat(127);
    const stored = await passwords.hash(`${long}y`);
    expect((await passwords.verify(stored, `${long}z`)).ok).to.equal(false);
    const emoji = await passwords.hash('\u{1F600}'.repeat(128));
    expect((await passwords.verify(emoji, '\u{1F600}'.repeat(128))).ok).to.equal(true);
    expect((await passwords.verify(emoji, '\u{1F600}'.repeat(127))).ok).to.equal(false);
  });

  it('reads on behind a NUL', async () => {
    const { passwords } = await setUp(argon2);
    const stored = await passwords.hash('before\0after');
    expect((await passwords.verify(stored, 'before\0other')).ok).to.equal(false);
  });

  for (const [what, value] of [
    ['nothing', ''],
    ['129 characters', 'x'.repeat(129)],
    ['a megabyte', 'x'.repeat(1_000_000)],
    ['a lone surrogate', 'abc\ud800x'],
    ['an object', { $ne: '' } as unknown as string],
    ['an array', ['secret'] as unknown as string],
  ] as const) {
    it(`refuses ${what} before any computation`, async () => {
      const { passwords, calls } = await setUp(argon2);
      expect(await codeOf(passwords.verify(null, value))).to.equal('bad_request');
      expect(await codeOf(passwords.hash(value))).to.equal('bad_request');
      expect(calls).to.deep.equal({ hash: 0, verify: 0 });
    });
  }

  it('does the same work for nobody as for somebody', async () => {
    const { passwords, calls } = await setUp(argon2);
    const stored = await passwords.hash('meadow lantern teacup');
    calls.hash = 0;
    await passwords.verify(stored, 'wrong');
    expect(calls).to.deep.equal({ hash: 0, verify: 1 });
    expect(await passwords.verify(null, 'wrong')).to.deep.equal({ ok: false, upgrade: null });
    expect(calls).to.deep.equal({ hash: 0, verify: 2 });
  });

  it('gives a digest under the new key when the old one still verifies, and keeps when it was changed', async () => {
    const old = await setUp(argon2, ring('pepper-1'));
    const stored = { ...(await old.passwords.hash('meadow lantern teacup')), changedAt: LONG_AGO };
    const { passwords } = await setUp(argon2, ring('pepper-2', 'pepper-1'));
    const { ok, upgrade } = await passwords.verify(stored, 'meadow lantern teacup');
    expect(ok).to.equal(true);
    expect(upgrade).to.deep.include({ pepperId: 'pepper-2', changedAt: LONG_AGO });
    expect(await passwords.verify(upgrade, 'meadow lantern teacup')).to.deep.equal({
      ok: true,
      upgrade: null,
    });
  });

  it('refuses, and calls for help, when the key of a digest is gone; the work is the same', async () => {
    const old = await setUp(argon2, ring('pepper-0'));
    const stored = await old.passwords.hash('meadow lantern teacup');
    const { passwords, alarms, calls } = await setUp(argon2);
    expect(await passwords.verify(stored, 'meadow lantern teacup')).to.deep.equal({
      ok: false,
      upgrade: null,
    });
    expect(alarms).to.deep.equal(['unknown_pepper']);
    expect(calls.verify).to.equal(1);
  });

  it('upgrades an imported digest at the first right password, and charges a wrong one the same', async () => {
    const { hash } = await import('@node-rs/argon2');
    for (const options of [
      { memoryCost: 8192, timeCost: 1 },
      { memoryCost: 19_456, timeCost: 2, algorithm: 1 },
    ]) {
      const { passwords, calls } = await setUp(argon2);
      const stored = imported(await hash('meadow lantern teacup', options));
      const right = await passwords.verify(stored, 'meadow lantern teacup');
      expect(right.upgrade).to.deep.include({ pepperId: 'pepper-2', changedAt: LONG_AGO });
      expect(calls).to.deep.equal({ hash: 1, verify: 1 });
      expect(await passwords.verify(stored, 'wrong')).to.deep.equal({ ok: false, upgrade: null });
      expect(calls).to.deep.equal({ hash: 1, verify: 3 });
    }
  });

  it('takes another variant of argon2 for an old digest, also under the present key', async () => {
    const { hash } = await import('@node-rs/argon2');
    const { secret, id } = ring('pepper-2').current;
    const { passwords } = await setUp(argon2);
    const phc = await hash('meadow lantern teacup', {
      memoryCost: 19_456,
      timeCost: 2,
      algorithm: 1,
      secret,
    });
    const { upgrade } = await passwords.verify(
      { phc, pepperId: id, changedAt: LONG_AGO },
      'meadow lantern teacup',
    );
    expect(upgrade?.phc).to.match(/^\$argon2id\$/);
  });

  // Computed with Python's hashlib for the password "meadow lantern teacup" and the salt "saltsaltsaltsalt".
  for (const [what, phc] of [
    ['scrypt', '$scrypt$ln=14,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$4bKhLHFt9jhSk+3GXepEQqnLDQa4wAZTJU+MPB3mtjs'],
    [
      'PBKDF2 with SHA-256',
      '$pbkdf2-sha256$i=10000$c2FsdHNhbHRzYWx0c2FsdA$+hChbC6jaqpb9I61mcaTqVM+Oik1phohm2Uhh6NTG2E',
    ],
    [
      'PBKDF2 with SHA-512 as passlib writes it',
      '$pbkdf2-sha512$25000$c2FsdHNhbHRzYWx0c2FsdA$K7LpLuRijlO/pP0g5jeB4VXC9sinS0rm3nUnMfZ2z3QFhZ0LzG9b46oublULt/o15LY.9RBS/HKzn/3CqKTI9w',
    ],
  ] as const) {
    it(`verifies and upgrades an imported ${what} digest`, async () => {
      const { passwords, alarms } = await setUp(argon2);
      const right = await passwords.verify(imported(phc), 'meadow lantern teacup');
      expect(right.ok).to.equal(true);
      expect(right.upgrade?.phc).to.match(/^\$argon2id\$/);
      expect((await passwords.verify(imported(phc), 'meadow lantern teacups')).ok).to.equal(false);
      expect(alarms).to.deep.equal([]);
    });
  }

  for (const phc of [
    '$argon2id$v=19$m=1048576,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$NWE4MmFlYmNhYzU0OWM4ZjM4ZGI4ZTk4',
    '$argon2id$v=19$m=19456,t=1000,p=1$c2FsdHNhbHRzYWx0c2FsdA$NWE4MmFlYmNhYzU0OWM4ZjM4ZGI4ZTk4',
    '$argon2id$v=19$m=19456,t=2,p=64$c2FsdHNhbHRzYWx0c2FsdA$NWE4MmFlYmNhYzU0OWM4ZjM4ZGI4ZTk4',
    '$scrypt$ln=24,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$NWE4MmFlYmNhYzU0OWM4ZjM4ZGI4ZTk4',
    '$pbkdf2-sha256$i=99999999$c2FsdHNhbHRzYWx0c2FsdA$NWE4MmFlYmNhYzU0OWM4ZjM4ZGI4ZTk4',
    '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW',
    '$argon2id$v=19$m=19456,t=2,p=1$broken',
    '',
  ]) {
    it(`does not obey ${phc.slice(0, 36) || 'an empty digest'}, and calls for help`, async () => {
      const { passwords, alarms, calls } = await setUp(argon2);
      expect(await passwords.verify(imported(phc), 'anything')).to.deep.equal({ ok: false, upgrade: null });
      expect(alarms).to.deep.equal(['malformed_digest']);
      expect(calls).to.deep.equal({ hash: 0, verify: 1 });
    });
  }

  it('says "unavailable", not "wrong", when the key of a recovery set is gone', async () => {
    const { passwords } = await setUp(argon2);
    const salt = Buffer.alloc(16).toString('base64url');
    expect(await codeOf(passwords.digestCode('ABCD', salt, 'recovery-0'))).to.equal('method_unavailable');
  });
});
