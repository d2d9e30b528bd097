import { expect } from 'chai';
import type { Account } from '../../src/accounts/account.ts';
import type { Enrolment } from '../../src/second-factor/enrolment.ts';
import type { Challenge } from '../../src/second-factor/method.ts';
import { NO_BRANDING } from '../../src/tenants/branding.ts';
import { DEFAULT_POLICY, type Policy, type Tenant } from '../../src/tenants/tenant.ts';
import {
  createSoftKey,
  type Deviation,
  type SoftKey,
  type SoftKeyOptions,
} from '../support/authenticator.ts';
import { addKey, appCode, optionsOf } from './holders.ts';
import { createWorld, ORIGIN, RP_ID, type World } from './world.ts';

const BLUE = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';

function tenantWith(keys: Partial<Policy['keys']> = {}): Tenant {
  return {
    tenantId: 'northwind',
    name: 'Northwind: Support',
    domains: [],
    policy: { ...DEFAULT_POLICY, keys: { ...DEFAULT_POLICY.keys, ...keys } },
    branding: NO_BRANDING,
    detailsVersion: 1,
  };
}

describe('setting up', () => {
  let world: World;
  let account: Account;
  const tenant = tenantWith();
  before(async () => void (world = await createWorld()));
  after(() => world.database.drop());
  beforeEach(async () => void (account = await world.person()));

  function enrolment(id: Enrolment['id']): Enrolment {
    const found = world.enrolments.find((one) => one.id === id);
    if (!found) throw new Error(`no ${id}`);
    return found;
  }

  describe('a security key', () => {
    const soft = (options: Partial<SoftKeyOptions> = {}) =>
      createSoftKey({ rpId: RP_ID, origin: ORIGIN, ...options });

    async function setUp(key: SoftKey, deviation: Deviation = {}, { where = tenant, name = '' } = {}) {
      const keys = enrolment('security-key');
      const { challenge, view } = await keys.begin(account, where);
      const response = JSON.stringify(key.registration(optionsOf(view), deviation));
      return keys.finish(account, where, challenge, { response, ...(name === '' ? {} : { name }) });
    }

    it('asks for what every touch-only key can do, and no attestation', async () => {
      const { view } = await enrolment('security-key').begin(account, tenant);
      const options = JSON.parse(String(view.options)) as Record<string, unknown>;
      expect(options).to.deep.include({
        attestation: 'none',
        rp: { id: RP_ID, name: 'Northwind: Support' },
        user: { id: account.userHandle, name: account.email, displayName: account.name },
        authenticatorSelection: {
          residentKey: 'discouraged',
          requireResidentKey: false,
          userVerification: 'discouraged',
        },
        hints: ['security-key'],
      });
      expect((options.pubKeyCredParams as { alg: number }[]).map(({ alg }) => alg)).to.deep.equal([
        -7, -8, -257,
      ]);
    });

    it('asks for a separate key where synced ones are not allowed, and forgets it for the next tenant', async () => {
      const keys = enrolment('security-key');
      const selection = async (where: Tenant) => {
        const { view } = await keys.begin(account, where);
        return (JSON.parse(String(view.options)) as { authenticatorSelection: object })
          .authenticatorSelection;
      };
      expect(await selection(tenantWith({ allowSynced: false }))).to.include({
        authenticatorAttachment: 'cross-platform',
      });
      expect(await selection(tenant)).to.not.have.property('authenticatorAttachment');
    });

    it('excludes the keys that the account has', async () => {
      const key = soft();
      ({ account } = await addKey(world, account, key));
      const { view } = await enrolment('security-key').begin(account, tenant);
      const { excludeCredentials } = JSON.parse(String(view.options)) as {
        excludeCredentials: { id: string }[];
      };
      expect(excludeCredentials.map(({ id }) => id)).to.deep.equal([key.credentialId]);
    });

    for (const [algorithm, fmt] of [
      ['ES256', 'none'],
      ['EdDSA', 'packed'],
      ['RS256', 'none'],
      ['ES256', 'packed'],
    ] as const) {
      // prettier-ignore
      it(`keeps a key with ${algorithm} and attestation ${fmt}, which then signs in once it is listed`, async () => {
        const key = soft({ algorithm });
        const verdict = await setUp(key, { fmt }, { name: 'Blue  key\u0000\n' });
        if (!verdict.ok) throw new Error(verdict.reason);
        expect(verdict.amr).to.deep.equal(['hwk', 'user']);
        const method = world.methods.find(({ id }) => id === 'security-key');
        expect(method?.isHeldBy(account)).to.equal(false);

        account = await world.list(account, { [verdict.method.id]: 'security-key' });
        const [stored] = await world.securityKeys.list(account);
        expect(stored).to.deep.include({ name: 'Blue key', transports: ['usb'], publicKey: key.publicKey });
        const begun = await method?.begin(account);
        const response = JSON.stringify(key.assertion(optionsOf(begun?.view ?? {})));
        const proof = await method?.verify(account, begun?.challenge ?? null, { response });
        expect(proof).to.deep.include({ ok: true, credentialId: verdict.method.id });
      });
    }

    it('keeps of the transports only those that exist', async () => {
      const verdict = await setUp(soft(), { transports: ['usb', 'usb', 'nfc', '<script>', 'constructor'] });
      expect(verdict.ok).to.equal(true);
      const [stored] = await world.securityKeys.list(account);
      expect(stored?.transports).to.deep.equal(['usb', 'nfc']);
    });

    const wrong: [string, Deviation][] = [
      ['another origin', { origin: 'https://evil.example' }],
      ['another RP ID', { rpId: 'example.com' }],
      ['another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
      ['an assertion in its place', { type: 'webauthn.get' }],
      ['another site’s page', { crossOrigin: true }],
      ['a top origin', { crossOrigin: false, topOrigin: 'https://evil.example' }],
      ['no touch', { up: false }],
      ['an id that is not the key’s', { id: Buffer.alloc(32, 1).toString('base64url') }],
      ['an algorithm nobody asked for', { alg: -35 }],
      ['ES256K', { alg: -47 }],
      ['a backup that cannot be', { bs: true }],
      ['a certificate', { fmt: 'packed-x5c' }],
      ['a U2F attestation', { fmt: 'fido-u2f' }],
      ['a TPM attestation', { fmt: 'tpm' }],
      ['a self-attestation with a wrong signature', { fmt: 'packed', badSignature: true }],
    ];
    for (const [name, deviation] of wrong) {
      it(`refuses ${name}, and keeps nothing`, async () => {
        expect(await setUp(soft(), deviation)).to.deep.equal({ ok: false, reason: 'wrong' });
        expect(await world.securityKeys.list(account)).to.have.length(0);
      });
    }

    it('refuses a credential id of nothing, and one that is too long', async () => {
      expect((await setUp(soft({ idLength: 1 }))).ok).to.equal(true);
      expect((await setUp(soft({ idLength: 1023 }))).ok).to.equal(true);
      for (const idLength of [0, 1024, 5000]) expect((await setUp(soft({ idLength }))).ok).to.equal(false);
    });

    it('refuses the challenge of a sign-in, one that is too old, and somebody else’s', async () => {
      const keys = enrolment('security-key');
      const { challenge, view } = await keys.begin(account, tenant);
      const form = () => ({ response: JSON.stringify(soft().registration(optionsOf(view))) });
      const expired = { ok: false, reason: 'expired' };
      const others: Challenge[] = [
        null,
        { ...challenge, purpose: 'get' },
        { ...challenge, accountId: 'other' },
      ];
      for (const other of others)
        expect(await keys.finish(account, tenant, other, form())).to.deep.equal(expired);
      const start = world.now;
      world.now = new Date(start.getTime() + 120_000);
      expect(await keys.finish(account, tenant, challenge, form())).to.deep.equal(expired);
      world.now = start;
    });

    it('knows the same key again, and says nothing about whose another’s is', async () => {
      const key = soft();
      const first = await setUp(key);
      if (!first.ok) throw new Error(first.reason);
      account = await world.list(account, { [first.method.id]: 'security-key' });
      expect(await setUp(key)).to.deep.equal({ ok: false, reason: 'same' });
      account = await world.person();
      expect(await setUp(key)).to.deep.equal({ ok: false, reason: 'taken' });
      expect(await world.securityKeys.list(account)).to.have.length(0);
    });

    it('takes a key whose earlier set-up was left half-way', async () => {
      const key = soft();
      const left = await setUp(key);
      const again = await setUp(key);
      expect([left.ok, again.ok]).to.deep.equal([true, true]);
      expect(await world.securityKeys.list(account)).to.have.length(1);
    });

    it('follows the models that the tenant allows and denies', async () => {
      const blue = () => soft({ aaguid: BLUE });
      const upper = BLUE.toUpperCase();
      const refused = { ok: false, reason: 'model' };
      expect((await setUp(blue(), {}, { where: tenantWith({ allowModels: [upper] }) })).ok).to.equal(true);
      expect(await setUp(soft(), {}, { where: tenantWith({ allowModels: [BLUE] }) })).to.deep.equal(refused);
      expect(await setUp(blue(), {}, { where: tenantWith({ denyModels: [upper] }) })).to.deep.equal(refused);
      expect((await setUp(soft(), {}, { where: tenantWith({ denyModels: [BLUE] }) })).ok).to.equal(true);
    });

    it('refuses a synced passkey where the tenant does not allow one, and calls it pop where it does', async () => {
      const synced = () => soft({ backupEligible: true });
      const strict = tenantWith({ allowSynced: false });
      expect(await setUp(synced(), {}, { where: strict })).to.deep.equal({ ok: false, reason: 'synced' });
      expect(await setUp(synced())).to.deep.include({ ok: true, amr: ['pop', 'user'] });
    });

    it('lists with the key what a tenant may have rules about later', async () => {
      const [bound, synced] = [
        await setUp(soft({ aaguid: BLUE })),
        await setUp(soft({ backupEligible: true })),
      ];
      expect(bound).to.nested.include({ 'method.model': BLUE, 'method.synced': false });
      expect(synced).to.nested.include({ 'method.synced': true });
    });

    it('tells what the browser says when no key answered', async () => {
      const keys = enrolment('security-key');
      const states = {
        'failed:ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED': 'same',
        'failed:InvalidStateError': 'same',
        'no-script': 'unsupported',
        'failed:NotAllowedError': 'no-answer',
      };
      for (const [state, reason] of Object.entries(states)) {
        const { challenge } = await keys.begin(account, tenant);
        const verdict = await keys.finish(account, tenant, challenge, { response: '', client_state: state });
        expect(verdict).to.deep.equal({ ok: false, reason });
      }
    });

    it('refuses what has another shape', async () => {
      const keys = enrolment('security-key');
      const { challenge } = await keys.begin(account, tenant);
      for (const response of ['x', '{}', '[]', '{"id":{}}', '['.repeat(60_000)]) {
        const verdict = await keys.finish(account, tenant, challenge, { response });
        expect(verdict).to.deep.equal({ ok: false, reason: 'malformed' });
      }
    });
  });

  describe('an authenticator app', () => {
    async function begin() {
      const apps = enrolment('authenticator-app');
      const { challenge, view } = await apps.begin(account, tenant);
      const secret = String(view.secret).replaceAll(' ', '');
      return { apps, challenge, view, secret };
    }

    it('shows a QR address and the same key in groups of four, and keeps the key sealed meanwhile', async () => {
      const { challenge, view, secret } = await begin();
      expect(view.secret).to.match(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
      const uri = new URL(String(view.uri));
      expect(uri.searchParams.get('secret')).to.equal(secret);
      expect(uri.searchParams.get('issuer')).to.equal('Northwind Support');
      expect(JSON.stringify(challenge)).to.not.include(secret);
    });

    it('counts after one right code, which is spent by it', async () => {
      const { apps, challenge, secret } = await begin();
      const code = appCode(world, secret);
      const verdict = await apps.finish(account, tenant, challenge, { code });
      if (!verdict.ok) throw new Error(verdict.reason);
      expect(verdict.amr).to.deep.equal(['otp']);
      account = await world.list(account, { [verdict.method.id]: 'authenticator-app' });
      const method = world.methods.find(({ id }) => id === 'authenticator-app');
      expect(await method?.verify(account, null, { code })).to.include({ ok: false, reason: 'used' });
      expect(await method?.verify(account, null, { code: appCode(world, secret, 1) })).to.include({
        ok: true,
      });
    });

    it('refuses a wrong code, and one of a clock that is off, and keeps nothing', async () => {
      const { apps, challenge, secret } = await begin();
      const finish = (code: string) => apps.finish(account, tenant, challenge, { code });
      expect(await finish(appCode(world, secret, 9))).to.deep.equal({
        ok: false,
        reason: 'clock',
        minutes: 5,
      });
      expect(await finish(appCode(world, secret, -9))).to.deep.equal({
        ok: false,
        reason: 'clock',
        minutes: -5,
      });
      expect(await finish('')).to.deep.equal({ ok: false, reason: 'empty' });
      expect(await finish('12345')).to.deep.equal({ ok: false, reason: 'malformed' });
      expect(await world.authenticatorApps.list(account)).to.have.length(0);
    });

    it('lets one of 20 through who finish the same set-up at once', async () => {
      const { apps, challenge, secret } = await begin();
      const code = appCode(world, secret);
      const verdicts = await Promise.all(
        Array.from({ length: 20 }, () => apps.finish(account, tenant, challenge, { code })),
      );
      expect(verdicts.filter(({ ok }) => ok)).to.have.length(1);
      expect(await world.authenticatorApps.list(account)).to.have.length(1);
    });

    it('does not open for somebody else, nor without its beginning', async () => {
      const { apps, challenge, secret } = await begin();
      const code = appCode(world, secret);
      expect(await apps.finish(account, tenant, null, { code })).to.deep.equal({
        ok: false,
        reason: 'expired',
      });
      const other = await world.person();
      let failed = false;
      await apps.finish(other, tenant, challenge, { code }).catch(() => (failed = true));
      expect(failed).to.equal(true);
    });

    it('can be renamed and erased, by its owner alone', async () => {
      const { apps, challenge, secret } = await begin();
      const verdict = await apps.finish(account, tenant, challenge, {
        code: appCode(world, secret),
        name: 'x'.repeat(200),
      });
      if (!verdict.ok) throw new Error(verdict.reason);
      const { id } = verdict.method;
      expect((await world.authenticatorApps.list(account))[0]?.name).to.have.length(64);
      const other = await world.person();
      expect(await apps.rename(other, id, 'mine')).to.equal(false);
      await apps.discard(other, id);
      expect(await apps.rename(account, id, 'Work phone')).to.equal(true);
      expect((await world.authenticatorApps.list(account))[0]?.name).to.equal('Work phone');
      await apps.discard(account, id);
      expect(await world.authenticatorApps.list(account)).to.have.length(0);
    });
  });
});
