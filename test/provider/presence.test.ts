import { expect } from 'chai';
import { decodeJwt } from 'jose';
import type { Account } from '../../src/accounts/account.ts';
import { systemClock } from '../../src/core/clock.ts';
import { heldStore } from '../../src/provider/held-store.ts';
import { createPresence, type Presence } from '../../src/provider/presence.ts';
import type { OwedLogout } from '../../src/provider/provider.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/tenants/tenant.ts';
import { appOf, BareBrowser, type Tokens } from '../support/bare-browser.ts';
import { startBareProvider, type BareProvider } from '../support/bare-provider.ts';

const REDIRECT = 'https://app.example/callback';
const ONE = { acr: 'urn:stile:acr:1fa', amr: ['pwd'] };
const TWO = { acr: 'urn:stile:acr:2fa', amr: ['pwd', 'otp', 'mfa'] };
const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };
const required: Policy = { ...DEFAULT_POLICY, secondFactor: 'required' };

describe('who is signed in where', () => {
  let op: BareProvider;
  let presence: Presence;
  let owed: OwedLogout[];
  let people: Account[];
  let onOwe: () => void | Promise<void>;

  before(async () => {
    op = await startBareProvider();
    await op.tenant('northwind');
    for (const client_id of ['desk', 'crm']) {
      await op.client({
        client_id,
        client_secret: 'a secret',
        redirect_uris: [REDIRECT],
        grant_types: ['authorization_code', 'refresh_token'],
        first_party: true,
      });
    }
    presence = createPresence({
      held: heldStore(op.database.connection, systemClock),
      store: op.store,
      owe: async (logouts) => {
        owed.push(...logouts);
        await onOwe();
      },
      clock: systemClock,
    });
  });
  after(() => op.close());
  beforeEach(() => {
    [owed, people, onOwe] = [[], [], () => undefined];
  });

  const app = (clientId: string) => appOf(op, { clientId, redirectUri: REDIRECT, secret: 'a secret' });
  const desk = () => app('desk');
  const crm = () => app('crm');

  async function person(): Promise<Account> {
    const account = await op.account('northwind');
    people.push(account);
    return account;
  }
  /** Somebody sets up an authenticator app. */
  async function equip(account: Account): Promise<void> {
    const app = { id: account.accountId, kind: 'authenticator-app', addedAt: systemClock() } as const;
    const saved = await op.accounts.save(account, { methods: [app] });
    if (!saved) throw new Error('changed meanwhile');
    people = people.map((one) => (one.accountId === saved.accountId ? saved : one));
  }
  async function signIn(account: Account, how = ONE, at = desk(), params: Record<string, string> = {}) {
    op.state.next = { account, ...how };
    const browser = new BareBrowser(op);
    const tokens = await at.signIn(browser, params);
    return { browser, tokens };
  }
  const endSessions = async ({ accountId }: Account) => {
    for (const { uid } of await op.sessions.ofAccount(accountId)) await op.store.endSession(uid);
  };
  const works = async ({ tokens }: { tokens: Tokens }, at = desk()) =>
    (await at.introspect(tokens.access_token)).active === true;
  const sidOf = ({ id_token }: Tokens) => decodeJwt(id_token).sid;

  it('tells the apps of each person, and leaves out who is signed in nowhere', async () => {
    const [ana, ben, eva] = [await person(), await person(), await person()];
    const { browser } = await signIn(ana);
    await crm().signIn(browser);
    await signIn(ben, TWO);
    await equip(ben);
    expect([...(await presence.of(DEFAULT_POLICY, people))]).to.have.deep.members([
      [ana.accountId, ['crm', 'desk']],
      [ben.accountId, ['desk']],
    ]);
    expect([...(await presence.of(required, people))]).to.deep.equal([[ben.accountId, ['desk']]]);
    expect([...(await presence.of(DEFAULT_POLICY, [eva]))]).to.deep.equal([]);
    expect([...(await presence.of(DEFAULT_POLICY, []))]).to.deep.equal([]);
  });

  it('counts a refresh token that outlives its session, and no other', async () => {
    const [ana, ben] = [await person(), await person()];
    await signIn(ana, ONE, desk(), OFFLINE);
    await signIn(ben);
    await Promise.all([ana, ben].map(endSessions));
    expect([...(await presence.of(DEFAULT_POLICY, people))]).to.deep.equal([[ana.accountId, ['desk']]]);
  });

  it('ends what is dead, tells each app of it once, and leaves everything else', async () => {
    const [ana, ben] = [await person(), await person()];
    const weak = await signIn(ana);
    const atCrm = await crm().signIn(weak.browser);
    const strong = await signIn(ana, TWO);
    const other = await signIn(ben, TWO);
    await Promise.all([ana, ben].map(equip));
    await presence.endDead(required, people);
    expect(owed).to.have.deep.members([
      { clientId: 'desk', accountId: ana.accountId, sid: sidOf(weak.tokens) },
      { clientId: 'crm', accountId: ana.accountId, sid: sidOf(atCrm) },
    ]);
    expect(await Promise.all([weak, strong, other].map((one) => works(one)))).to.deep.equal([
      false,
      true,
      true,
    ]);
    expect(await works({ tokens: atCrm }, crm())).to.equal(false);
    expect((await op.sessions.ofAccount(ana.accountId)).map(({ acr }) => acr)).to.deep.equal([TWO.acr]);

    await presence.endDead(required, people);
    expect(owed, 'nothing is left to tell').to.have.length(2);
  });

  it('ends a refresh token that outlived its session, and tells its app of that session', async () => {
    const ana = await person();
    const { tokens } = await signIn(ana, ONE, desk(), OFFLINE);
    await endSessions(ana);
    await presence.endDead(required, people);
    expect(owed).to.deep.equal([{ clientId: 'desk', accountId: ana.accountId, sid: sidOf(tokens) }]);
    expect((await desk().refresh(tokens.refresh_token ?? '')).status).to.equal(400);
    expect(await op.store.grantsOf(ana.accountId)).to.deep.equal([]);
  });

  it('ends nothing while nothing is dead', async () => {
    const ana = await person();
    const held = await signIn(ana, ONE, desk(), OFFLINE);
    await presence.endDead(DEFAULT_POLICY, people);
    expect(owed).to.deep.equal([]);
    expect(await works(held)).to.equal(true);
    expect((await desk().refresh(held.tokens.refresh_token ?? '')).status).to.equal(200);
  });

  it('keeps what it owes before it ends anything, so that a crash in between loses nothing', async () => {
    const ana = await person();
    await signIn(ana);
    onOwe = () => {
      throw new Error('crashed');
    };
    const problem = await presence.endDead(required, people).catch((error: unknown) => String(error));
    expect(problem).to.equal('Error: crashed');
    onOwe = () => undefined;
    await presence.endDead(required, people);
    expect(owed.map(({ sid }) => sid)).to.deep.equal([owed[0]?.sid, owed[0]?.sid]);
    expect(await op.sessions.ofAccount(ana.accountId)).to.deep.equal([]);
  });

  it('does not end what a session became by a step-up after it was looked at', async () => {
    const ana = await person();
    const { browser } = await signIn(ana);
    op.state.renewAs = TWO;
    onOwe = async () => void (await browser.request('/renew'));
    await presence.endDead(required, people);
    const current = (await (await browser.request('/whoami')).json()) as { level?: number };
    expect(current.level).to.equal(2);
    expect((await crm().signIn(browser)).access_token).to.be.a('string');
  });

  it('ends what the account itself has ended', async () => {
    const gone = await person();
    await signIn(gone, TWO);
    await presence.endDead(DEFAULT_POLICY, [{ ...gone, state: 'disabled' }]);
    expect(owed.map(({ accountId }) => accountId)).to.deep.equal([gone.accountId]);
    expect(await op.sessions.ofAccount(gone.accountId)).to.deep.equal([]);
  });
});
