import { expect } from 'chai';
import type { Account } from '../../src/accounts/account.ts';
import type { SecondFactorMethod } from '../../src/second-factor/method.ts';
import { checkAssertion, checkAttestation } from '../../src/second-factor/security-key/webauthn.ts';
import { readAssertion, readAttestation } from '../../src/second-factor/security-key/wire.ts';
import {
  createSoftKey,
  type Deviation,
  type SoftKey,
  type SoftKeyOptions,
} from '../support/authenticator.ts';
import { addKey, optionsOf } from './holders.ts';
import { createWorld, ORIGIN, RP_ID, type World } from './world.ts';

describe('a security key', () => {
  let world: World;
  let method: SecondFactorMethod;
  before(async () => {
    world = await createWorld();
    const found = world.methods.find(({ id }) => id === 'security-key');
    if (!found) throw new Error('no security-key');
    method = found;
  });
  after(() => world.database.drop());
  beforeEach(() => void (world.audited.length = 0));

  const soft = (options: Partial<SoftKeyOptions> = {}) =>
    createSoftKey({ rpId: RP_ID, origin: ORIGIN, ...options });

  async function holder(key: SoftKey, more: { backupEligible?: boolean } = {}) {
    return addKey(world, await world.person(), key, more);
  }

  /** One round: options, touch, verdict. */
  async function round(
    account: Account,
    key: SoftKey,
    deviation: Deviation = {},
    change = (answer: object) => answer,
  ) {
    const { challenge, view } = await method.begin(account);
    const response = JSON.stringify(change(key.assertion(optionsOf(view), deviation)));
    return method.verify(account, challenge, { response, client_state: 'ready' });
  }

  async function stored(account: Account) {
    const [row] = await world.securityKeys.list(account);
    if (!row) throw new Error('no row');
    return row;
  }

  describe('options', () => {
    it('ask for the keys of this account by id, with a touch and no PIN', async () => {
      const { account } = await holder(soft());
      const { view } = await method.begin(account);
      const options = JSON.parse(String(view.options)) as Record<string, unknown>;
      expect(options).to.deep.include({ rpId: RP_ID, userVerification: 'discouraged', timeout: 60_000 });
      expect(options.allowCredentials).to.deep.equal([
        { id: (await stored(account)).credentialId, transports: ['usb'], type: 'public-key' },
      ]);
      expect(options.extensions ?? {}).to.deep.equal({});
    });

    it('carry 32 new random bytes each time', async () => {
      const { account } = await holder(soft());
      const challenges = new Set<string>();
      for (let i = 0; i < 20; i++) challenges.add(optionsOf((await method.begin(account)).view).challenge);
      expect(challenges.size).to.equal(20);
      for (const challenge of challenges) expect(Buffer.from(challenge, 'base64url')).to.have.length(32);
    });

    it('are refused as unavailable when the account lists a key that is not there', async () => {
      const account = await world.list(await world.person(), { lost: 'security-key' });
      let code: unknown;
      await method.begin(account).catch((error: { code: unknown }) => (code = error.code));
      expect(code).to.equal('method_unavailable');
    });
  });

  describe('is accepted', () => {
    for (const algorithm of ['ES256', 'EdDSA', 'RS256'] as const) {
      it(`with ${algorithm}`, async () => {
        const key = soft({ algorithm });
        const { account } = await holder(key);
        expect((await round(account, key)).ok).to.equal(true);
      });
    }

    it('touch-only, as hwk and user', async () => {
      const key = soft();
      const { account, id } = await holder(key);
      expect(await round(account, key)).to.deep.equal({ ok: true, amr: ['hwk', 'user'], credentialId: id });
    });

    it('with a PIN or finger, which changes nothing', async () => {
      const key = soft({ uv: true });
      const { account, id } = await holder(key);
      expect(await round(account, key)).to.deep.equal({ ok: true, amr: ['hwk', 'user'], credentialId: id });
      expect(await stored(account)).to.have.property('userVerified', true);
    });

    it('when it is a copied passkey, as pop and user, with its backup state kept', async () => {
      const key = soft({ backupEligible: true });
      const { account, id } = await holder(key, { backupEligible: true });
      const verdict = await round(account, key, { bs: true });
      expect(verdict).to.deep.equal({ ok: true, amr: ['pop', 'user'], credentialId: id });
      expect(await stored(account)).to.have.property('backedUp', true);
      await round(account, key, { bs: false });
      expect(await stored(account)).to.have.property('backedUp', false);
    });

    it('when it does not count, again and again', async () => {
      const key = soft({ counter: null });
      const { account } = await holder(key);
      for (let i = 0; i < 3; i++) expect((await round(account, key)).ok).to.equal(true);
    });

    it('when the account has a second one, whichever is touched', async () => {
      const [blue, green] = [soft(), soft()];
      const first = await holder(blue);
      const { account, id } = await addKey(world, first.account, green);
      expect(await round(account, green)).to.deep.include({ ok: true, credentialId: id });
      expect(await round(account, blue)).to.deep.include({ ok: true, credentialId: first.id });
    });

    it('with the account’s own user handle', async () => {
      const key = soft();
      const { account } = await holder(key);
      expect((await round(account, key, { userHandle: account.userHandle })).ok).to.equal(true);
    });

    it('from browsers that send neither crossOrigin nor attachment', async () => {
      const key = soft();
      const { account } = await holder(key);
      const verdict = await round(account, key, { crossOrigin: undefined }, (answer) => ({
        ...answer,
        authenticatorAttachment: undefined,
      }));
      expect(verdict.ok).to.equal(true);
    });

    it('and the use is noted', async () => {
      const key = soft();
      const { account } = await holder(key);
      await round(account, key);
      expect(await stored(account)).to.deep.include({ counter: key.counter, lastUsedAt: world.now });
    });
  });

  describe('is refused, and nothing changes,', () => {
    const wrong: [string, Deviation, string?][] = [
      ['for another origin', { origin: 'https://id.example.com.evil.example' }],
      ['for the same origin with a path', { origin: `${ORIGIN}/` }],
      ['for the http origin', { origin: 'http://id.example.com' }],
      ['for another RP ID', { rpId: 'example.com' }],
      ['for another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
      ['for an empty challenge', { challenge: '' }],
      ['for a registration in its place', { type: 'webauthn.create' }],
      ['inside another site’s page', { crossOrigin: true }],
      ['with a crossOrigin that is no boolean', { crossOrigin: 'false' }],
      ['with a top origin', { crossOrigin: true, topOrigin: 'https://evil.example' }],
      ['with our own top origin', { topOrigin: ORIGIN }],
      ['without a touch', { up: false }],
      ['without a touch and with a PIN', { up: false, uv: true }],
      ['with a wrong signature', { badSignature: true }],
      ['when it has become backup-eligible', { be: true }],
      ['when it is backed up and not eligible', { bs: true }],
      [
        'with somebody else’s user handle',
        { userHandle: Buffer.alloc(64).toString('base64url') },
        'not-yours',
      ],
    ];
    for (const [name, deviation, reason = 'wrong'] of wrong) {
      it(name, async () => {
        const key = soft();
        const { account } = await holder(key);
        const before = await stored(account);
        expect(await round(account, key, deviation)).to.deep.equal({ ok: false, reason, guess: true });
        expect(await stored(account)).to.deep.equal(before);
        expect(world.audited).to.have.length(0);
      });
    }

    it('when a copied passkey says that it is not eligible any more', async () => {
      const key = soft({ backupEligible: true });
      const { account } = await holder(key, { backupEligible: true });
      expect(await round(account, key, { be: false })).to.include({ ok: false, reason: 'wrong' });
    });

    it('under the id of another key of the same person', async () => {
      const [blue, green] = [soft(), soft()];
      const first = await holder(blue);
      const { account } = await addKey(world, first.account, green);
      expect(await round(account, green, { id: blue.credentialId })).to.include({
        ok: false,
        reason: 'wrong',
      });
    });

    it('when it is another person’s, whatever id it tells', async () => {
      const [mine, theirs] = [soft(), soft()];
      const { account } = await holder(mine);
      await holder(theirs);
      expect(await round(account, theirs)).to.include({ ok: false, reason: 'not-yours' });
      expect(await round(account, theirs, { id: mine.credentialId })).to.include({
        ok: false,
        reason: 'wrong',
      });
    });

    it('when it was added after the challenge was shown', async () => {
      const [blue, late] = [soft(), soft()];
      const { account } = await holder(blue);
      const { challenge, view } = await method.begin(account);
      const added = await addKey(world, account, late);
      const response = JSON.stringify(late.assertion(optionsOf(view)));
      expect(await method.verify(added.account, challenge, { response })).to.include({ reason: 'not-yours' });
    });

    it('when it is stored for the account and not listed by it', async () => {
      const key = soft();
      const other = soft();
      const { account } = await holder(key);
      const { account: withBoth, id } = await addKey(world, account, other);
      const { challenge, view } = await method.begin(withBoth);
      const without = { ...withBoth, methods: withBoth.methods.filter((one) => one.id !== id) };
      const response = JSON.stringify(other.assertion(optionsOf(view)));
      expect(await method.verify(without, challenge, { response })).to.include({ reason: 'not-yours' });
    });
  });

  describe('whose counter goes back', () => {
    it('is refused and reported as a possible copy, and stays in use', async () => {
      const key = soft({ counter: 40 });
      const { account, id } = await holder(key);
      expect((await round(account, key)).ok).to.equal(true);
      expect(await round(account, key, { counter: 7 })).to.deep.equal({
        ok: false,
        reason: 'wrong',
        guess: true,
      });
      expect(world.audited).to.have.length(1);
      expect(world.audited[0]).to.deep.include({
        event: 'counter_went_back',
        result: 'refused',
        details: { keyId: id, stored: 41, seen: 7 },
      });
      expect(await stored(account)).to.have.property('counter', 41);
      expect((await round(account, key)).ok).to.equal(true);
    });

    it('is refused when it stands still, or falls to nothing', async () => {
      const key = soft({ counter: 40 });
      const { account } = await holder(key);
      expect((await round(account, key, { counter: 40 })).ok).to.equal(false);
      expect((await round(account, key, { counter: 0 })).ok).to.equal(false);
      expect((await round(account, key, { counter: 41 })).ok).to.equal(true);
    });

    it('is reported only for what the key itself has signed', async () => {
      const key = soft({ counter: 40 });
      const { account } = await holder(key);
      await round(account, key, { counter: 7, badSignature: true });
      expect(world.audited).to.have.length(0);
    });

    it('lets one of two answers through that overtake each other', async () => {
      const key = soft();
      const { account } = await holder(key);
      const shown = await Promise.all([method.begin(account), method.begin(account)]);
      const forms = shown.map(({ view }) => ({
        response: JSON.stringify(key.assertion(optionsOf(view), { counter: 9 })),
      }));
      const verdicts = await Promise.all(
        shown.map(({ challenge }, i) => method.verify(account, challenge, forms[i] ?? {})),
      );
      expect(verdicts.filter(({ ok }) => ok)).to.have.length(1);
    });
  });

  describe('a challenge', () => {
    it('is void after 120 seconds', async () => {
      const key = soft();
      const { account } = await holder(key);
      const start = world.now;
      for (const [seconds, ok] of [
        [119.999, true],
        [120, false],
      ] as const) {
        // prettier-ignore
        const { challenge, view } = await method.begin(account);
        const response = JSON.stringify(key.assertion(optionsOf(view)));
        world.now = new Date(start.getTime() + seconds * 1000);
        const verdict = await method.verify(account, challenge, { response });
        expect(verdict.ok).to.equal(ok);
        if (!ok) expect(verdict).to.deep.equal({ ok: false, reason: 'expired', guess: false });
        world.now = start;
      }
    });

    it('is void for another person, tenant, site or purpose, and when it is none', async () => {
      const key = soft();
      const { account } = await holder(key);
      const { challenge, view } = await method.begin(account);
      const response = JSON.stringify(key.assertion(optionsOf(view)));
      const others = [
        null,
        {},
        { ...challenge, accountId: 'other' },
        { ...challenge, tenantId: 'fabrikam' },
        { ...challenge, rpId: 'example.com' },
        { ...challenge, purpose: 'create' },
        { ...challenge, challenge: '' },
        { ...challenge, expiresAt: '9999999999999' },
      ];
      for (const other of others) {
        expect(await method.verify(account, other, { response })).to.deep.equal({
          ok: false,
          reason: 'expired',
          guess: false,
        });
      }
      expect((await method.verify(account, challenge, { response })).ok).to.equal(true);
    });
  });

  describe('an answer of another shape', () => {
    const changes: [string, (answer: ReturnType<SoftKey['assertion']>) => object][] = [
      ['with a further member', (answer) => ({ ...answer, admin: true })],
      ['with a further member of the response', (a) => ({ ...a, response: { ...a.response, admin: true } })],
      ['without an id', (answer) => ({ ...answer, id: undefined })],
      ['with an object for an id', (answer) => ({ ...answer, id: { $ne: null } })],
      ['with a list for an id', (answer) => ({ ...answer, id: [answer.id] })],
      [
        'with an id of 1024 bytes',
        (answer) => ({ ...answer, id: 'A'.repeat(1366), rawId: 'A'.repeat(1366) }),
      ],
      ['with an empty id', (answer) => ({ ...answer, id: '', rawId: '' })],
      [
        'with base64 that is not base64url',
        (a) => ({ ...a, response: { ...a.response, signature: 'ab+/' } }),
      ],
      ['with padding', (a) => ({ ...a, response: { ...a.response, signature: 'YQ==' } })],
      ['with another type', (answer) => ({ ...answer, type: 'password' })],
      [
        'with a huge client data',
        (a) => ({ ...a, response: { ...a.response, clientDataJSON: 'A'.repeat(9000) } }),
      ],
      ['larger than 64 KiB', (a) => ({ ...a, clientExtensionResults: { x: 'A'.repeat(66_000) } })],
    ];
    for (const [name, change] of changes) {
      it(`${name} is malformed`, async () => {
        const key = soft();
        const { account } = await holder(key);
        const verdict = await round(account, key, {}, change as (answer: object) => object);
        expect(verdict).to.deep.equal({ ok: false, reason: 'malformed', guess: false });
      });
    }

    const broken: [string, Record<string, unknown>][] = [
      ['client data that is no JSON', { clientDataJSON: Buffer.from('{').toString('base64url') }],
      ['client data that is a list', { clientDataJSON: Buffer.from('[]').toString('base64url') }],
      ['client data that is null', { clientDataJSON: Buffer.from('null').toString('base64url') }],
      ['authenticator data that is too short', { authenticatorData: 'AAAA' }],
      ['a signature that is no DER', { signature: 'AAAA' }],
    ];
    for (const [name, response] of broken) {
      it(`with ${name} is wrong, and nothing breaks`, async () => {
        const key = soft();
        const { account } = await holder(key);
        const verdict = await round(account, key, {}, (answer) => {
          const honest = answer as ReturnType<SoftKey['assertion']>;
          return { ...honest, response: { ...honest.response, ...response } };
        });
        expect(verdict).to.deep.equal({ ok: false, reason: 'wrong', guess: true });
      });
    }
  });

  describe('that did not answer', () => {
    const states: [string, string][] = [
      ['no-script', 'unsupported'],
      ['no-webauthn', 'unsupported'],
      ['failed:SecurityError', 'unsupported'],
      ['failed:NotSupportedError', 'unsupported'],
      ['failed:ERROR_INVALID_DOMAIN', 'unsupported'],
      ['failed:ERROR_INVALID_RP_ID', 'unsupported'],
      ['failed:NotAllowedError', 'no-answer'],
      ['failed:ERROR_CEREMONY_ABORTED', 'no-answer'],
      ['failed:whatever', 'no-answer'],
      ['ready', 'no-answer'],
      ['', 'no-answer'],
      ['constructor', 'no-answer'],
    ];
    for (const [state, reason] of states) {
      it(`with the page in state "${state}" is told as ${reason}`, async () => {
        const { account } = await holder(soft());
        const { challenge } = await method.begin(account);
        const verdict = await method.verify(account, challenge, { response: '', client_state: state });
        expect(verdict).to.deep.equal({ ok: false, reason, guess: false });
      });
    }
  });

  it('cannot be stored for two people', async () => {
    const key = soft();
    await holder(key);
    let refused = false;
    await holder(key).catch(() => (refused = true));
    expect(refused).to.equal(true);
  });

  describe('the wrapper', () => {
    const site = { rpId: RP_ID, origin: ORIGIN };

    it('refuses an id that is not that of the key it is held against, which the library does not look at', async () => {
      const key = soft();
      const asked = { challenge: Buffer.alloc(32).toString('base64url') };
      const known = { credentialId: key.credentialId, publicKey: key.publicKey, backupEligible: false };
      const honest = readAssertion(JSON.stringify(key.assertion(asked)));
      const other = readAssertion(JSON.stringify(key.assertion(asked, { id: 'b3RoZXI' })));
      if (!honest || !other) throw new Error('malformed');
      expect(await checkAssertion(site, asked.challenge, known, honest)).to.be.an('object');
      expect(await checkAssertion(site, asked.challenge, known, other)).to.equal(null);
    });

    const challenge = Buffer.alloc(32, 7).toString('base64url');

    it('throws when it is called without challenge, RP ID or origin, which the library takes for "any"', async () => {
      const key = soft();
      const known = { credentialId: key.credentialId, publicKey: key.publicKey, backupEligible: false };
      const assertion = readAssertion(JSON.stringify(key.assertion({ challenge: '' }, { rpId: '' })));
      const attestation = readAttestation(JSON.stringify(key.registration({ challenge: '' }, { rpId: '' })));
      if (!assertion || !attestation) throw new Error('malformed');
      const calls = [
        [site, ''],
        [{ ...site, rpId: '' }, challenge],
        [{ ...site, origin: '' }, challenge],
      ] as const;
      for (const [where, asked] of calls) {
        for (const call of [
          () => checkAssertion(where, asked, known, assertion),
          () => checkAttestation(where, asked, attestation),
        ]) {
          let failure: unknown;
          await call().catch((error: unknown) => (failure = error));
          expect(failure).to.be.instanceOf(TypeError);
        }
      }
    });
  });
});
