import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { appOf, type Tokens } from '../support/bare-browser.ts';
import { PASSWORD, type Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { walk } from '../support/walk.ts';
import { SECURITY, startOwners, type Owners } from './owners.ts';

const SECRET = 'a secret of this test, long enough';
const APPS = ['phone', 'wallboard'] as const;
type AppId = (typeof APPS)[number];
const redirectOf = (id: AppId) => `https://${id}.example/callback`;

interface Case {
  readonly what: string;
  readonly gate: string;
  readonly fields: Record<string, string>;
  readonly form?: string;
  /** Whether this browser and what was given in it stay. */
  readonly stays: boolean;
}

const CASES: readonly Case[] = [
  { what: 'new recovery codes', gate: `${SECURITY}/codes`, fields: {}, stays: true },
  { what: 'turning two-factor off', gate: `${SECURITY}/turn-off`, fields: {}, stays: true },
  {
    what: 'a new password',
    gate: `${SECURITY}/password`,
    fields: { current: PASSWORD, password: 'a kettle of green ferns' },
    stays: true,
  },
  {
    what: 'signing out elsewhere',
    gate: '/account/confirm/sessions',
    fields: {},
    form: 'form[action$="/end-others"]',
    stays: true,
  },
  { what: '"This was not me"', gate: `${SECURITY}/not-me`, fields: {}, stays: false },
];

/** Every change that ends sessions, seen from the apps. Removing one method: method-changes.test.ts. */
describe('a change that signs people out tells their apps:', () => {
  let owners: Owners;
  let sink: Server;
  let received: { app: string; sub: string | undefined; sid: unknown }[];

  before(async () => {
    owners = await startOwners();
    sink = createServer((request, response) => {
      let body = '';
      request.on('data', (part) => (body += String(part)));
      request.on('end', () => {
        const { sub, sid, aud } = decodeJwt(new URLSearchParams(body).get('logout_token') ?? '');
        received.push({ app: String(aud), sub, sid });
        response.writeHead(200).end();
      });
    });
    await new Promise<void>((ready) => sink.listen(0, '127.0.0.1', ready));
    for (const id of APPS) {
      await owners.idp.addClient({
        client_id: id,
        client_secret: SECRET,
        redirect_uris: [redirectOf(id)],
        grant_types: ['authorization_code', 'refresh_token'],
        backchannel_logout_uri: `http://127.0.0.1:${(sink.address() as AddressInfo).port}/${id}`,
        backchannel_logout_session_required: true,
        first_party: true,
      });
    }
  });
  after(async () => {
    await owners.close();
    sink.closeAllConnections();
    await new Promise((closed) => sink.close(closed));
  });
  beforeEach(() => void (received = []));

  /** Signs in at an app in this browser. */
  async function signInAt(id: AppId, browser: PageBrowser, person: Person) {
    const app = appOf(owners.idp, { clientId: id, redirectUri: redirectOf(id), secret: SECRET });
    await browser.open(app.authorizeUrl({ scope: 'openid' }));
    await walk(browser, person, owners);
    const code = browser.left?.searchParams.get('code') ?? '';
    const tokens = (await (await app.redeem(code)).json()) as Tokens;
    return {
      sid: decodeJwt(tokens.id_token).sid,
      refreshes: async () => (await app.refresh(tokens.refresh_token ?? '')).status === 200,
    };
  }

  for (const { what, gate, fields, form, stays } of CASES) {
    it(what, async () => {
      const person = await owners.person({ keys: [{}], codes: true });
      const bystander = await owners.person({ keys: [{}] });
      const browser = owners.idp.browser();
      const here = await signInAt('phone', browser, person);
      const elsewhere = owners.idp.browser();
      const there = [
        await signInAt('phone', elsewhere, person),
        await signInAt('wallboard', elsewhere, person),
        await signInAt('wallboard', owners.idp.browser(), person),
      ];
      const theirs = await signInAt('phone', owners.idp.browser(), bystander);

      await owners.confirm(browser, person, gate);
      await browser.submit(fields, form);
      expect(browser.status).to.equal(200);

      // The browser stays; what it handed to apps before the change does not.
      expect(await here.refreshes(), 'here').to.equal(false);
      for (const one of there) expect(await one.refreshes(), 'elsewhere').to.equal(false);
      expect(await theirs.refreshes(), 'somebody else').to.equal(true);

      const told = [...there, ...(stays ? [] : [here])].map(({ sid }) => sid);
      for (let i = 0; i < 100 && received.length < told.length; i += 1) await setTimeout(50);
      await setTimeout(200);
      expect(received.map(({ sid }) => sid)).to.have.members(told);
      expect([...new Set(received.map(({ sub }) => sub))]).to.deep.equal([person.account.accountId]);
    });
  }
});
