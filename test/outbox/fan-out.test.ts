import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { walk } from '../support/walk.ts';
import { startOwners, type Owners } from '../security-settings/owners.ts';
import { codeOf } from '../sign-in/agents.ts';
import { registerApps, type ListeningApps } from './listening-apps.ts';

const PEOPLE = 5;
/** Browsers that each of them is signed in with, besides the one that ends the others. */
const BROWSERS = 5;
const APPS = Array.from({ length: 40 }, (_, i) => `app-${i}`);
const TOKENS = PEOPLE * BROWSERS * APPS.length;
const [HANGS = '', AWAY = '', ...WELL] = APPS;
/** Of the outbox. */
const [MOST_IN_ALL, MOST_AT_ONE] = [20, 4];

describe('1,000 logout tokens while people sign in', function () {
  this.timeout(240_000);
  let owners: Owners;
  let apps: ListeningApps;
  let here: { person: Person; browser: PageBrowser }[];

  before(async () => {
    owners = await startOwners();
    apps = await registerApps(owners.idp, APPS);
    here = [];
    for (let i = 0; i < PEOPLE; i += 1) {
      const person = await owners.person();
      for (let j = 0; j < BROWSERS; j += 1) await signInEverywhere(person);
      here.push({ person, browser: await owners.signIn(person) });
    }
  });
  after(async () => {
    await owners.close();
    await apps.close();
  });

  /** One browser, one session, every app. */
  async function signInEverywhere(person: Person): Promise<void> {
    const browser = owners.idp.browser();
    for (const id of APPS) {
      browser.left = null;
      await browser.open(apps.http(id).authorizeUrl());
      await walk(browser, person, owners);
      expect(codeOf(browser), id).to.be.a('string');
    }
  }

  const waiting = async () => {
    const counts = await owners.stores.operations.outboxAdmin.counts();
    return counts.find(({ kind, state }) => kind === 'logout-token' && state === 'waiting')?.count ?? 0;
  };
  const dead = async () =>
    (await owners.stores.operations.outboxAdmin.counts()).filter(({ state }) => state === 'dead');
  const toldOf = (ids: readonly string[]) =>
    [...apps.told].filter(([key]) => ids.includes(key.split(' ')[0] ?? ''));
  async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await condition())) await wait(20);
  }

  it('reach every app that listens, whatever hangs, and lose none of those that come back', async () => {
    await apps.listen(HANGS, { hangs: true });
    for (const id of WELL) await apps.listen(id);

    const newcomers = await Promise.all(Array.from({ length: 20 }, () => owners.person()));
    async function endOthers({ person, browser }: (typeof here)[number]): Promise<void> {
      await owners.confirm(browser, person, '/account/confirm/sessions');
      await browser.submit({}, 'form[action$="/end-others"]');
      expect(browser.html).to.include('You are signed out everywhere else');
    }
    async function comeIn(): Promise<void> {
      for (let next = newcomers.pop(); next; next = newcomers.pop()) {
        const browser = await owners.signIn(next);
        expect(browser.heading()).to.equal('Security settings');
      }
    }
    await Promise.all([...here.map(endOthers), comeIn(), comeIn()]);

    // Everybody is in and out by now, while one app holds what it was sent and one is not there at all.
    const many = PEOPLE * BROWSERS;
    expect(await waiting()).to.be.at.least(2 * many);
    await until(() => toldOf(WELL).length === many * WELL.length);
    await until(() => apps.isAsked(HANGS) > 0);
    expect(toldOf([HANGS, AWAY])).to.deep.equal([]);
    expect(await waiting()).to.equal(2 * many);

    apps.comeBack(HANGS);
    await apps.listen(AWAY);
    // As often as a first try failed, and longer than any claim holds.
    await until(async () => {
      owners.later(60);
      await wait(100);
      return (await waiting()) === 0;
    });
    expect(apps.told.size).to.equal(TOKENS);
    expect(await dead()).to.deep.equal([]);
    expect(toldOf(WELL).filter(([, times]) => times > 1)).to.deep.equal([]);
    expect([apps.most.inAll <= MOST_IN_ALL, apps.most.atOne <= MOST_AT_ONE]).to.deep.equal([true, true]);
  });
});
