import { expect } from 'chai';
import { setTimeout } from 'node:timers/promises';
import { PASSWORD, type Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { giveCode, giver } from '../support/rescue.ts';
import { walk } from '../support/walk.ts';
import { codesOn, SECURITY, startOwners, type Owners } from './owners.ts';

const NEXT = 'a kettle of green ferns';
const DESK =
  '/authorize?client_id=desk&response_type=code&scope=openid&redirect_uri=https://desk.example/callback' +
  '&code_challenge_method=S256&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

type Insert = (jobs: { kind: string }[], ...more: unknown[]) => Promise<unknown>;

interface Change {
  /** Of the mail, without the name of the tenant. */
  readonly subject: string;
  /** Leads `browser` up to the last click. */
  readonly before: () => Promise<Person>;
  readonly click: () => Promise<unknown>;
  /** The heading of what that shows. */
  readonly shows: string;
}

/** Whatever happens between the write of a change and the end of its request, the person is told, once. */
describe('a change and the mail about it', () => {
  let owners: Owners;
  let browser: PageBrowser;
  before(async () => void (owners = await startOwners()));
  after(() => owners.close());

  const outbox = () => owners.idp.database.connection.collection('outbox');
  const mailsKept = () => outbox().countDocuments({ kind: 'mail' });
  const sweep = () => owners.stores.operations.sweepMails();
  async function owedTo({ account }: Person): Promise<unknown[]> {
    const { connection } = owners.idp.database;
    const row = await connection.collection<{ _id: string }>('accounts').findOne({ _id: account.accountId });
    return (row as { owed?: unknown[] } | null)?.owed ?? [];
  }

  /** Does something while its first mail cannot be kept. @param kept they are, and only the answer to that is lost */
  async function cutOff(act: () => Promise<unknown>, kept = false): Promise<void> {
    const jobs = outbox() as unknown as { insertMany: Insert };
    const insert = jobs.insertMany.bind(jobs);
    let first = true;
    jobs.insertMany = async (list, ...more) => {
      const isMail = first && list.some(({ kind }) => kind === 'mail');
      if (isMail) first = false;
      if (kept || !isMail) await insert(list, ...more);
      if (isMail) throw new Error('the database is away');
    };
    try {
      await act();
    } finally {
      jobs.insertMany = insert;
    }
  }

  const submit = (fields = {}) => browser.submit(fields);

  async function at(path: string, has: Parameters<Owners['person']>[0]): Promise<Person> {
    const person = await owners.person(has);
    browser = await owners.signIn(person);
    const [method] = person.account.methods;
    await owners.confirm(browser, person, `${SECURITY}${path.replace(':first', method?.id ?? '')}`);
    return person;
  }

  async function atSecret(): Promise<Person> {
    const person = await at('/set-up', {});
    await browser.submit({});
    expect(codesOn(browser)).to.have.length(15);
    await browser.submit({ saved: 'yes' });
    await browser.submit({ method: 'authenticator-app' });
    return person;
  }

  async function atMailedLink(): Promise<Person> {
    const person = await owners.person({ app: true });
    browser = await owners.idp.browser().open('/password/forgot');
    await browser.submit({ email: person.account.email });
    await owners.mailsTo(person);
    const mails = (await owners.stores.operations.mailbox?.newest(200)) ?? [];
    const mail = mails.find(({ to }) => to === person.account.email);
    await browser.open(/\/link\/[\w-]{43}/.exec(mail?.text ?? '')?.[0] ?? '');
    return person;
  }

  /** In a sign-in, at the page `until`. */
  async function inSignIn(person: Person, until: string, by?: string): Promise<Person> {
    browser = await owners.idp.browser().open(DESK);
    await walk(browser, person, { until, appCode: owners.appCode, ...(by === undefined ? {} : { by }) });
    return person;
  }

  async function atNewPassword(): Promise<Person> {
    const person = await owners.person({ keys: [{}] });
    const { password } = person.account;
    const exposed = password && { ...password, exposedAt: new Date() };
    await owners.stores.accounts.save(person.account, { password: exposed });
    return inSignIn(person, 'new-password');
  }

  const atUsedCode = async () =>
    inSignIn(await owners.person({ app: true, codes: true }), 'recovery-used', 'recovery-code');

  const changes: Readonly<Record<string, Change>> = {
    'a method that is removed': {
      subject: 'A security key was removed',
      before: () => at('/methods/:first/remove', { keys: [{}, {}] }),
      click: submit,
      shows: 'Security settings',
    },
    'two factors that are turned off': {
      subject: 'Two-factor authentication was turned off',
      before: () => at('/turn-off', { keys: [{}] }),
      click: submit,
      shows: 'Security settings',
    },
    'a method that is added': {
      subject: 'An authenticator app was added',
      before: atSecret,
      click: async () => submit({ code: await owners.appCodeOn(browser) }),
      shows: 'You are set up',
    },
    'a password that is changed': {
      subject: 'The password of your',
      before: () => at('/password', { keys: [{}] }),
      click: () => submit({ current: PASSWORD, password: NEXT }),
      shows: 'Security settings',
    },
    'a password that is set by a mailed link': {
      subject: 'The password of your',
      before: atMailedLink,
      click: () => submit({ password: NEXT }),
      shows: 'Your password is changed',
    },
    'a password that is chosen in a sign-in': {
      subject: 'The password of your',
      before: atNewPassword,
      click: () => submit({ password: NEXT }),
      shows: 'Your password is changed',
    },
    'new codes': {
      subject: 'New recovery codes were made',
      before: () => at('/codes', { keys: [{}], codes: true }),
      click: submit,
      shows: 'Save your recovery codes',
    },
    'new codes in a sign-in': {
      subject: 'New recovery codes were made',
      before: atUsedCode,
      click: () => browser.submit({}, 'form[action$="/new-codes/make"]'),
      shows: 'Save your recovery codes',
    },
  };

  for (const [what, { subject, before: leadUp, click, shows }] of Object.entries(changes)) {
    it(`are one write: ${what}`, async () => {
      const person = await leadUp();
      const before = await mailsKept();
      await cutOff(click);
      expect([browser.status, browser.heading()], 'it has happened, and says so').to.deep.equal([200, shows]);
      await sweep();
      expect(await mailsKept(), 'whoever makes a change has ten seconds').to.equal(before);
      expect(await owedTo(person)).to.have.length(1);

      owners.later(11);
      await Promise.all([sweep(), sweep()]);
      await sweep();
      expect(await mailsKept()).to.equal(before + 1);
      expect(await owedTo(person)).to.deep.equal([]);
      const told = async () => (await owners.mailsTo(person)).filter((one) => one.startsWith(subject));
      for (let i = 0; i < 100 && (await told()).length === 0; i += 1) await setTimeout(50);
      expect(await told()).to.have.length(1);
    });
  }

  for (const by of ['recovery-code', 'rescue-code'] as const) {
    it(`are one write: the use of a ${by}`, async () => {
      const tenant = `by-${by}`;
      await owners.idp.addTenant(tenant, { rescueCodes: 'leads' });
      const holder = await owners.person({ app: true, codes: true }, tenant);
      const code = await giveCode(owners.idp, await giver(owners.idp, tenant), holder);
      const person = by === 'rescue-code' ? { ...holder, codes: [code] } : holder;
      await inSignIn(person, by, by);
      await cutOff(() => submit({ code: person.codes[0] ?? '' }));
      expect(browser.status, 'it has happened, and the sign-in goes on').to.be.below(400);
      expect(await owedTo(person)).to.have.length(1);
      // The one about a new browser may be there already.
      const before = await mailsKept();
      owners.later(11);
      await Promise.all([sweep(), sweep()]);
      expect([await mailsKept(), await owedTo(person)]).to.deep.equal([before + 1, []]);
    });
  }

  const settings: Readonly<Record<string, (boss: Person, person: Person) => Promise<unknown>>> = {
    'a code that a lead gives': (boss, person) => giveCode(owners.idp, boss, person),
    async 'a reset'(boss, { account }) {
      const editor = { kind: 'person', who: boss.account } as const;
      const occasion = { editor, reference: 'a-test', source: '127.0.0.0' };
      const wish = { reason: 'the phone is lost', once: null };
      const { state } = await owners.idp.app.admin.resets.ask(account, wish, occasion);
      expect(state).to.equal('done');
    },
  };

  for (const [what, act] of Object.entries(settings)) {
    it(`are one write: ${what}`, async () => {
      const tenant = what.replaceAll(' ', '-');
      await owners.idp.addTenant(tenant, { resetApproval: 'at-once', rescueCodes: 'leads' });
      const boss = await giver(owners.idp, tenant, ['admin']);
      const person = await owners.person({ app: true }, tenant);
      const before = await mailsKept();
      await cutOff(() => act(boss, person));
      expect([await mailsKept(), (await owedTo(person)).length]).to.deep.equal([before, 1]);
      owners.later(11);
      await Promise.all([sweep(), sweep()]);
      expect([await mailsKept(), await owedTo(person)]).to.deep.equal([before + 1, []]);
      expect(await owners.mailsTo(person)).to.have.length(1);
    });
  }

  it('are told once where nobody knows whether the mail was kept', async () => {
    const person = await at('/turn-off', { keys: [{}] });
    const before = await mailsKept();
    await cutOff(submit, true);
    expect(await owedTo(person)).to.have.length(1);
    owners.later(11);
    await sweep();
    expect([await mailsKept(), await owedTo(person)]).to.deep.equal([before + 1, []]);
  });

  it('leave nothing behind where all goes well', async () => {
    const person = await at('/turn-off', { keys: [{}] });
    await submit();
    expect(await owedTo(person)).to.deep.equal([]);
  });
});
