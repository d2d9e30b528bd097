import { expect } from 'chai';
import type { Account } from '../../src/accounts/account.ts';
import { createAccountCommit, NO_SESSIONS } from '../../src/accounts/commit.ts';
import { attemptCollection, attemptStore } from '../../src/attempts/attempt-store.ts';
import { createAttempts } from '../../src/attempts/attempts.ts';
import type { Audit } from '../../src/audit/audit.ts';
import { accountKey } from '../../src/core/account-ref.ts';
import { DomainError } from '../../src/core/errors.ts';
import { systemRandom } from '../../src/core/random.ts';
import type { ChangeNotices } from '../../src/notifications/owed-mails.ts';
import { readCode } from '../../src/second-factor/recovery-code/codes.ts';
import { setUpCollection, setUpStore } from '../../src/set-up/set-up-store.ts';
import { isOpen, settableKinds, stageOf, type SetUp } from '../../src/set-up/set-up.ts';
import type { Actor } from '../../src/accounts/actor.ts';
import type { Whose } from '../../src/set-up/ports.ts';
import { createSetUps, type SetUps } from '../../src/set-up/set-ups.ts';
import { ensureIndexes } from '../../src/storage/indexes.ts';
import { NO_BRANDING } from '../../src/tenants/branding.ts';
import { DEFAULT_POLICY, type Policy, type Tenant } from '../../src/tenants/tenant.ts';
import { createSoftKey } from '../support/authenticator.ts';
import { addApp, appCode, optionsOf } from '../second-factor/holders.ts';
import { createWorld, ORIGIN, RP_ID, type World } from '../second-factor/world.ts';

const by: Actor = { reference: 'k7m2x9qd', source: '192.0.2.0/24', device: 'Firefox on Linux' };
const tenant: Tenant = {
  tenantId: 'northwind',
  name: 'Northwind Support',
  domains: [],
  policy: DEFAULT_POLICY,
  branding: NO_BRANDING,
  detailsVersion: 1,
};

/** @returns the code of the broken rule. @throws when none was broken */
async function broken(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (one: unknown) => one as DomainError,
  );
  if (error === null) throw new Error('nothing was refused');
  return error.code;
}

const plainSecret = (view: Readonly<Record<string, unknown>>) => String(view.secret).replaceAll(' ', '');

describe('a set-up', () => {
  let world: World;
  let setUps: SetUps;
  let account: Account;
  let mails: unknown[];
  let whose: Whose;
  let owners = 0;

  before(async () => {
    world = await createWorld();
    const { connection } = world.database;
    await ensureIndexes(connection, [setUpCollection, attemptCollection]);
    const clock = () => world.now;
    const attempts = createAttempts({ store: attemptStore(connection), key: Buffer.alloc(32, 1), clock });
    const audit: Audit = { record: async (entry) => void world.audited.push(entry) };
    const notifications: ChangeNotices = {
      tell: async (_who, owed) => void mails.push(...owed.map(({ mail }) => mail)),
    };
    setUps = createSetUps({
      store: setUpStore(connection),
      accounts: world.accounts,
      commit: createAccountCommit({
        accounts: world.accounts,
        sessions: NO_SESSIONS,
        audit,
        notifications,
        clock,
      }),
      enrolments: world.enrolments,
      recovery: { newCodes: world.newRecoveryCodes, makeSet: world.makeRecoverySet },
      vault: world.vault,
      reserve: (who) => attempts.reserve('enrol', accountKey(who)),
      audit,
      clock,
      random: systemRandom,
    });
  });
  after(() => world.database.drop());

  beforeEach(async () => {
    world.now = new Date('2026-11-02T09:00:15Z');
    account = await world.person();
    mails = [];
    world.audited.length = 0;
    owners += 1;
    whose = { owner: { kind: 'sign-in', uid: `uid-${owners}` }, account };
  });

  const now = async () => (await world.accounts.find(account)) ?? account;
  const events = () => world.audited.map(({ event, result }) => (result === 'ok' ? event : `${event}?`));

  /** Codes are made, shown and saved. */
  async function saved(): Promise<readonly string[]> {
    await setUps.start(whose, by);
    const sheet = await setUps.openCodes(whose, by);
    if (!sheet || !(await setUps.acknowledge(whose, sheet.id))) throw new Error('no codes');
    return sheet.codes;
  }

  const answerApp = (code: string) =>
    setUps.answer(whose, { tenant, kind: 'authenticator-app', form: { code }, by });

  async function touch(key: ReturnType<typeof createSoftKey>) {
    const view = await setUps.open(whose, tenant, 'security-key');
    const response = JSON.stringify(key.registration(optionsOf(view)));
    return setUps.answer(whose, { tenant, kind: 'security-key', form: { response }, by });
  }
  const newKey = () => createSoftKey({ rpId: RP_ID, origin: ORIGIN });

  it('makes codes and method count by one write, and none before', async () => {
    const codes = await saved();
    expect(codes).to.have.length(15);
    const secret = plainSecret(await setUps.open(whose, tenant, 'authenticator-app'));
    expect(await now()).to.deep.equal(account);

    const answer = await answerApp(appCode(world, secret));
    expect(answer).to.include({ ok: true });
    const after = await now();
    expect(after.credVersion).to.equal(account.credVersion + 1);
    expect(after.methods.map(({ kind }) => kind)).to.deep.equal(['authenticator-app']);
    expect(after.methodCount).to.equal(1);
    expect(after.recovery?.digests).to.have.length(15);
    const recovery = world.methods.find(({ id }) => id === 'recovery-code');
    expect(await recovery?.verify(after, null, { code: codes[14] ?? '' })).to.include({ codesLeft: 14 });
  });

  it('tells the log before it counts, and the owner by mail after it', async () => {
    await saved();
    const secret = plainSecret(await setUps.open(whose, tenant, 'authenticator-app'));
    await answerApp(appCode(world, secret));
    expect(events()).to.deep.equal([
      'set_up_started',
      'method_added',
      'recovery_codes_made',
      'two_factor_turned_on',
    ]);
    expect(mails).to.deep.equal([
      {
        kind: 'method-added',
        method: 'authenticator-app',
        name: 'Authenticator app',
        at: world.now,
        device: by.device,
      },
    ]);
  });

  it('asks the name of a key once it is touched, and counts from then on', async () => {
    await saved();
    expect(await touch(newKey())).to.deep.equal({ ok: true, added: null });
    expect(await now()).to.deep.equal(account);
    const setUp = await setUps.find(whose);
    expect(setUp && stageOf(setUp)).to.equal('name');
    expect(setUp?.proved?.name).to.equal('Security key');

    const added = await setUps.finish(whose, '  Blue\nkey ', by);
    expect(added?.proved).to.include({ name: 'Blue key' });
    expect(added?.proved.amr).to.deep.equal(['hwk', 'user']);
    expect((await world.securityKeys.list(account)).map(({ name }) => name)).to.deep.equal(['Blue key']);
    expect((await now()).methodCount).to.equal(1);
    expect(await setUps.find({ ...whose, account: await now() })).to.equal(null);
  });

  it('shows its codes once: who comes again gets new ones, and the earlier ones are dead', async () => {
    await setUps.start(whose, by);
    const first = await setUps.openCodes(whose, by);
    const second = await setUps.openCodes(whose, by);
    expect(first?.again).to.equal(false);
    expect(second?.again).to.equal(true);
    expect(second?.codes).to.not.have.members([...(first?.codes ?? [])]);
    expect(await setUps.acknowledge(whose, first?.id ?? '')).to.equal(false);
    expect(await setUps.sameCodes(whose, first?.id ?? '')).to.equal(null);
    expect((await setUps.sameCodes(whose, second?.id ?? ''))?.codes).to.deep.equal(second?.codes);
  });

  it('gives each of several who open the page at once another list, and the last one counts', async () => {
    await setUps.start(whose, by);
    const sheets = await Promise.all(Array.from({ length: 6 }, () => setUps.openCodes(whose, by)));
    expect(new Set(sheets.map((sheet) => sheet?.codes[0])).size).to.equal(6);
    const good = await Promise.all(sheets.map((sheet) => setUps.sameCodes(whose, sheet?.id ?? '')));
    expect(good.filter((sheet) => sheet !== null)).to.have.length(1);
  });

  it('forgets the codes when they are saved, and never shows them again', async () => {
    const codes = await saved();
    const setUp = await setUps.find(whose);
    expect(setUp?.codes?.sealed).to.equal(null);
    const { connection } = world.database;
    const row = JSON.stringify(await connection.collection('set_ups').find().toArray());
    for (const code of codes) expect(row).to.not.include(code);
    expect(await setUps.sameCodes(whose, setUp?.id ?? '')).to.equal(null);
    expect((await setUps.openCodes(whose, by))?.again).to.equal(true);
  });

  it('keeps the codes in no form that somebody could read', async () => {
    await setUps.start(whose, by);
    const sheet = await setUps.openCodes(whose, by);
    const rows = await world.database.connection.collection('set_ups').find().toArray();
    for (const code of sheet?.codes ?? []) expect(JSON.stringify(rows)).to.not.include(code);
    expect(sheet?.codes.every((code) => readCode(code) === code)).to.equal(true);
  });

  it('opens no method before the codes are saved', async () => {
    expect(await broken(setUps.open(whose, tenant, 'security-key'))).to.equal('step_out_of_order');
    await setUps.start(whose, by);
    await setUps.openCodes(whose, by);
    expect(await broken(setUps.open(whose, tenant, 'security-key'))).to.equal('step_out_of_order');
    expect(await broken(answerApp('123456'))).to.equal('step_out_of_order');
    expect(await setUps.finish(whose, 'Blue key', by)).to.equal(null);
  });

  it('shows the same app again after a wrong code, and leaves nothing', async () => {
    await saved();
    const view = await setUps.open(whose, tenant, 'authenticator-app');
    const wrong = await answerApp(appCode(world, plainSecret(view), 500));
    expect(wrong).to.include({ ok: false, reason: 'wrong' });
    expect(wrong.ok ? null : wrong.view).to.deep.equal(view);
    expect(await now()).to.deep.equal(account);
    expect(await answerApp(appCode(world, plainSecret(view)))).to.include({ ok: true });
  });

  it('lets one of 20 through who finish with the same app code at once', async () => {
    await saved();
    const secret = plainSecret(await setUps.open(whose, tenant, 'authenticator-app'));
    const code = appCode(world, secret);
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => answerApp(code)));
    const won = answers.filter((one) => one.status === 'fulfilled' && one.value.ok);
    expect(won).to.have.length(1);
    const after = await now();
    expect(after.methodCount).to.equal(1);
    expect(after.credVersion).to.equal(account.credVersion + 1);
    const kept = await world.authenticatorApps.list(account);
    expect(kept.map(({ id }) => id)).to.deep.equal(after.methods.map(({ id }) => id));
    expect(mails).to.have.length(1);
  });

  it('lets one of 20 through who name the same key at once', async () => {
    await saved();
    await touch(newKey());
    const ends = await Promise.all(Array.from({ length: 20 }, () => setUps.finish(whose, 'Blue key', by)));
    expect(ends.filter((end) => end !== null)).to.have.length(1);
    const after = await now();
    expect(after.methodCount).to.equal(1);
    expect(await world.securityKeys.list(account)).to.have.length(1);
    expect(mails).to.have.length(1);
  });

  it('lists no key whose proof another set-up of the same key has replaced, of 50 at the same moment', async () => {
    for (let round = 0; round < 50; round += 1) {
      account = await world.person();
      const key = newKey();
      const pair = ['one', 'two'].map((name): Whose => {
        return { owner: { kind: 'session', uid: `${name}-${round}` }, account };
      });
      const methods = [{ id: 'first', kind: 'authenticator-app', addedAt: world.now }] as const;
      // A further method: no codes are made for it.
      account = (await world.accounts.save(account, { methods })) ?? account;
      const answers = [];
      for (const { owner } of pair) {
        const mine = { owner, account };
        await setUps.start(mine, by);
        const view = await setUps.open(mine, tenant, 'security-key');
        const response = JSON.stringify(key.registration(optionsOf(view)));
        answers.push(() => setUps.answer(mine, { tenant, kind: 'security-key', form: { response }, by }));
      }
      const [first, second] = answers;
      await first?.();
      const one = pair[0]?.owner ?? { kind: 'session', uid: '' };
      await Promise.allSettled([setUps.finish({ owner: one, account }, 'Blue key', by), second?.()]);
      const listed = (await now()).methods.filter(({ kind }) => kind === 'security-key');
      const kept = (await world.securityKeys.list(account)).map(({ id }) => id);
      for (const { id } of listed) expect(kept, `round ${round}`).to.include(id);
    }
  }).timeout(60_000);

  it('lets one of two set-ups of the same person win, and leaves nothing of the other', async () => {
    const other: Whose = { owner: { kind: 'session', uid: `uid-${owners}` }, account };
    await saved();
    await touch(newKey());
    await setUps.start(other, by);
    const sheet = await setUps.openCodes(other, by);
    await setUps.acknowledge(other, sheet?.id ?? '');
    const view = await setUps.open(other, tenant, 'authenticator-app');
    const form = { code: appCode(world, plainSecret(view)) };
    const ends = await Promise.allSettled([
      setUps.finish(whose, undefined, by),
      setUps.answer(other, { tenant, kind: 'authenticator-app', form, by }),
    ]);
    expect(ends.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    const after = await now();
    expect(after.methodCount).to.equal(1);
    const rows = [
      ...(await world.securityKeys.list(account)),
      ...(await world.authenticatorApps.list(account)),
    ];
    expect(rows.map(({ id }) => id)).to.deep.equal(after.methods.map(({ id }) => id));
    expect(events().filter((event) => event === 'method_added?')).to.have.length(1);
  });

  it('is dead after the account has changed, such as by a new password', async () => {
    await saved();
    const secret = plainSecret(await setUps.open(whose, tenant, 'authenticator-app'));
    const changed = await world.accounts.save(account, { validFrom: 1 });
    // Whoever still holds the account as it was before the change gets nowhere either.
    expect(await broken(answerApp(appCode(world, secret)))).to.equal('changed_meanwhile');
    whose = { ...whose, account: changed ?? account };
    expect(await setUps.find(whose)).to.equal(null);
    expect(await broken(answerApp(appCode(world, secret)))).to.equal('step_out_of_order');
    expect((await now()).methodCount).to.equal(0);
    expect(await world.authenticatorApps.list(account)).to.deep.equal([]);
    expect(mails).to.deep.equal([]);
    expect(events(), 'each that was told before the write is taken back').to.deep.equal([
      'set_up_started',
      'method_added',
      'recovery_codes_made',
      'two_factor_turned_on',
      'method_added?',
      'recovery_codes_made?',
      'two_factor_turned_on?',
    ]);
  });

  it('is logged as refused, whole, when its sign-in has gone on to another step', async () => {
    await saved();
    const secret = plainSecret(await setUps.open(whose, tenant, 'authenticator-app'));
    whose = {
      ...whose,
      aboutToCount: () => Promise.reject(new DomainError('step_out_of_order')),
    };
    expect(await broken(answerApp(appCode(world, secret)))).to.equal('step_out_of_order');
    expect(world.audited.slice(-3).map(({ event, reason }) => [event, reason])).to.deep.equal([
      ['method_added', 'step_out_of_order'],
      ['recovery_codes_made', 'step_out_of_order'],
      ['two_factor_turned_on', 'step_out_of_order'],
    ]);
  });

  it('belongs to one owner and one person', async () => {
    await saved();
    const elsewhere = { ...whose, owner: { kind: 'sign-in', uid: 'another' } } as const;
    const somebody = { ...whose, account: await world.person() };
    const asSession = { ...whose, owner: { ...whose.owner, kind: 'session' } } as const;
    for (const stranger of [elsewhere, somebody, asSession]) {
      expect(await setUps.find(stranger)).to.equal(null);
      expect(await broken(setUps.open(stranger, tenant, 'security-key'))).to.equal('step_out_of_order');
    }
  });

  it('ends after 15 minutes', async () => {
    await saved();
    world.now = new Date(world.now.getTime() + 15 * 60_000 - 1000);
    expect(await setUps.find(whose)).to.not.equal(null);
    world.now = new Date(world.now.getTime() + 1000);
    expect(await setUps.find(whose)).to.equal(null);
  });

  it('gives up a key that was touched when another method is chosen', async () => {
    await saved();
    await touch(newKey());
    await setUps.open(whose, tenant, 'authenticator-app');
    expect(await world.securityKeys.list(account)).to.deep.equal([]);
    expect(await setUps.finish(whose, 'Blue key', by)).to.equal(null);
  });

  it('adds a further method without new codes', async () => {
    const { account: holder } = await addApp(world, account);
    whose = { ...whose, account: holder };
    const setUp = await setUps.start(whose, by);
    expect(setUp.codes).to.equal(null);
    expect(await setUps.openCodes(whose, by)).to.equal(null);
    await touch(newKey());
    await setUps.finish(whose, undefined, by);
    const after = await now();
    expect(after.methods.map(({ kind }) => kind)).to.deep.equal(['authenticator-app', 'security-key']);
    expect(after.recovery).to.equal(null);
    expect(events()).to.deep.equal(['set_up_started', 'method_added']);
  });

  it('does not count when it could not be recorded, or its owner stops it', async () => {
    await saved();
    const secret = plainSecret(await setUps.open(whose, tenant, 'authenticator-app'));
    whose = { ...whose, aboutToCount: () => Promise.reject(new Error('stop')) };
    await answerApp(appCode(world, secret)).then(
      () => expect.fail('it counted'),
      () => undefined,
    );
    expect((await now()).methodCount).to.equal(0);
    expect(await world.authenticatorApps.list(account)).to.deep.equal([]);
  });

  it('can be begun 20 times an hour', async () => {
    const { account: holder } = await addApp(world, account);
    whose = { ...whose, account: holder };
    for (let k = 0; k < 20; k += 1) await setUps.start(whose, by);
    expect(await broken(setUps.start(whose, by))).to.equal('too_many_attempts');
  });
});

describe('the rules of a set-up', () => {
  const moment = new Date('2026-11-02T09:00:00Z');
  const who = { tenantId: 'northwind', accountId: 'ana' };
  const setUp: SetUp = {
    ...who,
    owner: 'sign-in:u',
    id: 'i',
    credVersion: 3,
    codes: null,
    challenge: null,
    proved: null,
    expiresAt: new Date(moment.getTime() + 1),
  };
  const ana = { ...who, credVersion: 3 } as Account;

  it('leave it open for its person, unchanged and in time, and for nobody else', () => {
    expect(isOpen(setUp, ana, moment)).to.equal(true);
    expect(isOpen(setUp, { ...ana, credVersion: 4 }, moment)).to.equal(false);
    expect(isOpen(setUp, { ...ana, accountId: 'ben' }, moment)).to.equal(false);
    expect(isOpen(setUp, { ...ana, tenantId: 'harbor' }, moment)).to.equal(false);
    expect(isOpen(setUp, ana, setUp.expiresAt)).to.equal(false);
  });

  it('offer what the tenant allows, keys first, at most ten of a kind', () => {
    const key = { id: 'k', kind: 'security-key', addedAt: moment } as const;
    const offered = (count: number, policy: Policy = DEFAULT_POLICY) =>
      settableKinds({ methods: Array.from({ length: count }, () => key) }, policy, { passwordAlone: false });
    expect(offered(0)).to.deep.equal(['security-key', 'authenticator-app']);
    expect(offered(9)).to.include('security-key');
    expect(offered(10)).to.deep.equal(['authenticator-app']);
    const allowedMethods = ['authenticator-app', 'recovery-code'] as const;
    expect(offered(0, { ...DEFAULT_POLICY, allowedMethods })).to.deep.equal(['authenticator-app']);
  });

  it('offer nothing for the password alone where the tenant wants a proof besides it', () => {
    for (const enrolmentProof of ['email', 'lead-code'] as const) {
      const policy = { ...DEFAULT_POLICY, enrolmentProof };
      expect(settableKinds({ methods: [] }, policy, { passwordAlone: true })).to.deep.equal([]);
      expect(settableKinds({ methods: [] }, policy, { passwordAlone: false })).to.have.length(2);
    }
  });
});
