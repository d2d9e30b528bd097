import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { startIdp, type Idp, type Person } from '../support/idp.ts';
import { walk } from '../support/walk.ts';
import { startListeningApp, type ListeningApp } from '../admin/listening-app.ts';

describe('the metrics of an enforcement', () => {
  let idp: Idp;
  let boss: Person;
  let listens: ListeningApp;
  let hangs: ListeningApp;
  before(async () => {
    idp = await startIdp();
    boss = await idp.addPerson('boss@northwind.example', { app: true });
    listens = await startListeningApp(idp, 'crm');
    hangs = await startListeningApp(idp, 'phone', { hangs: true });
  });
  after(async () => {
    await idp.close();
    await Promise.all([listens.close(), hangs.close()]);
  });

  /** @returns the value of a series; null = it is not there */
  async function value(series: string): Promise<number | null> {
    const { text } = await idp.app.stores.operations.metrics.text();
    const line = text.split('\n').find((one) => one.startsWith(`${series} `));
    return line === undefined ? null : Number(line.slice(series.length + 1));
  }
  async function until(series: string, count: number): Promise<void> {
    for (let tries = 0; tries < 200; tries += 1) {
      if (((await value(series)) ?? 0) >= count) return;
      await setTimeout(50);
    }
    throw new Error(`${series} never came to ${count}`);
  }
  async function signIn(email: string, app: ListeningApp): Promise<void> {
    const browser = await idp.browser().open(app.http.authorizeUrl());
    await walk(browser, await idp.addPerson(email), { appCode: () => idp.appCode() });
    await app.http.redeem(browser.left?.searchParams.get('code') ?? '');
  }
  const save = (changes: object) =>
    idp.app.admin.savePolicy(
      { tenantId: 'northwind', version: null, changes, confirmSignedOut: null },
      { editor: { kind: 'person', who: boss.account }, reference: 'ref', source: '127.0.0.0/24' },
    );
  const tries = (outcome: string) => `stile_outbox_tries_total{kind="logout-token",outcome="${outcome}"}`;
  const WAITING = 'stile_outbox_jobs{kind="logout-token",state="waiting"}';

  it('count saves, people signed out, and logout tokens that were sent, that failed and that wait', async () => {
    await signIn('ana@northwind.example', listens);
    await signIn('ben@northwind.example', listens);
    await signIn('cai@northwind.example', hangs);
    await idp.addPerson('dee@northwind.example');
    expect(await value('stile_enforcement_saves_total')).to.equal(0);
    await save({ secondFactor: 'required' });
    expect(await value('stile_enforcement_saves_total')).to.equal(1);
    expect(await value('stile_enforcement_signed_out_total')).to.equal(4);
    await until(tries('sent'), 2);
    await until(tries('retry'), 1);
    expect(await value(tries('sent'))).to.equal(2);
    expect(await value(WAITING)).to.equal(1);
    await save({ secondFactor: 'optional' });
    expect(await value('stile_enforcement_saves_total'), 'nobody is signed out by it').to.equal(1);
  });

  it('count who is signed out by which methods are allowed', async () => {
    await idp.addPerson('eva@northwind.example', { keys: [{}] });
    await save({ secondFactor: 'required' });
    const before = (await value('stile_enforcement_signed_out_total')) ?? 0;
    await save({ allowedMethods: ['authenticator-app', 'recovery-code'] });
    expect(await value('stile_enforcement_saves_total')).to.equal(3);
    expect(await value('stile_enforcement_signed_out_total')).to.equal(before + 1);
  });
});
