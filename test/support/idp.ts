import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'cheerio';
import { generate } from 'otplib';
import { createApp } from '../../src/app.ts';
import type { Account, EnrolledMethod } from '../../src/accounts/account.ts';
import { normaliseEmail } from '../../src/accounts/account.ts';
import { readConfig } from '../../src/config.ts';
import { systemClock, type Clock } from '../../src/core/clock.ts';
import { randomId } from '../../src/core/random.ts';
import { createLogger } from '../../src/http/log.ts';
import { createKeyFile, readKeyFile } from '../../src/key-file.ts';
import type { Keys } from '../../src/keys.ts';
import { clientMetadataSchema } from '../../src/provider/client-metadata.ts';
import { clientRecord } from '../../src/provider/clients.ts';
import { ensureIndexes } from '../../src/storage/indexes.ts';
import { collections } from '../../src/stores.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/tenants/tenant.ts';
import { buildAssets } from '../../tools/build-assets.ts';
import { BareBrowser } from './bare-browser.ts';
import { testDatabase } from './database.ts';

/** Secret of every test person's authenticator app; base32, 20 bytes. */
export const APP_SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
export const PASSWORD = 'correct horse battery staple';

export type Idp = Awaited<ReturnType<typeof startIdp>>;

let keysOnce: Promise<Keys> | undefined;
let assetsOnce: Promise<string> | undefined;

/** Keys made at run time, once a process: an RSA key takes its time. */
async function testKeys(): Promise<Keys> {
  const folder = await mkdtemp(join(tmpdir(), 'stile-keys-'));
  const path = join(folder, 'keys.json');
  await createKeyFile(path);
  const keys = await readKeyFile(path);
  await rm(folder, { recursive: true });
  return keys;
}

/** A whole Stile on a free port with a database of its own: tenant `northwind`, the app `desk`. */
export async function startIdp({ clock = systemClock }: { clock?: Clock } = {}) {
  assetsOnce ??= buildAssets();
  await assetsOnce;
  const database = await testDatabase();
  await ensureIndexes(database.connection, collections);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://localhost:${(server.address() as AddressInfo).port}`;
  const dataDir = await mkdtemp(join(tmpdir(), 'stile-'));
  const config = readConfig({ NODE_ENV: 'test', ISSUER: base, DATA_DIR: dataDir });
  keysOnce ??= testKeys();
  const keys = await keysOnce;
  const log = createLogger({ level: 'silent' });
  const app = await createApp({ config, keys, connection: database.connection, clock, log });
  server.on('request', app.callback());
  const { stores } = app;

  async function addTenant(tenantId: string, policy: Partial<Policy> = {}) {
    const branding = { helpUrl: null, contact: null };
    const domains = [`${tenantId}.example`];
    await stores.tenants.insert({
      tenantId,
      name: `${tenantId} support`,
      domains,
      policy: { ...DEFAULT_POLICY, ...policy },
      branding,
    });
  }

  async function addClient(metadata: Record<string, unknown>) {
    await stores.clients.save(clientRecord(clientMetadataSchema.parse(metadata)));
  }

  /** @param has which methods; recovery codes are returned in plain */
  async function addPerson(email: string, has: { app?: boolean; codes?: boolean } = {}) {
    const tenantId = email.split('@')[1]?.split('.')[0] ?? '';
    const who = { tenantId, accountId: randomId() };
    const methods: EnrolledMethod[] = [];
    if (has.app) {
      const id = randomId();
      const addedAt = clock();
      await stores.authenticatorApps.insert({
        ...who,
        id,
        name: 'Phone',
        addedAt,
        secret: APP_SECRET,
        lastTimeStep: 0,
      });
      methods.push({ id, kind: 'authenticator-app', addedAt });
    }
    const codes = has.codes ? stores.newRecoveryCodes() : [];
    const account: Account = {
      ...who,
      email: normaliseEmail(email),
      name: email.split('@')[0]?.replace('.', ' ') ?? email,
      roles: ['agent'],
      state: 'active',
      claims: {},
      password: await stores.passwords.hash(PASSWORD),
      methods,
      methodCount: methods.length,
      firstMethodAt: methods[0]?.addedAt ?? null,
      recovery: codes.length > 0 ? await stores.makeRecoverySet(codes) : null,
      validFrom: 0,
      keptSessionUid: null,
      credVersion: 1,
      userHandle: randomId(),
      createdAt: clock(),
    };
    await stores.accounts.insert(account);
    return { account, codes };
  }

  await addTenant('northwind');
  await addClient({
    client_id: 'desk',
    client_name: 'Contact Desk',
    client_secret: 'desk-secret-desk-secret-desk-secret',
    redirect_uris: ['https://desk.example/callback'],
    first_party: true,
  });

  return {
    base,
    issuer: base,
    app,
    addTenant,
    addClient,
    addPerson,
    /** The code that the app shows now. */
    appCode: () => generate({ secret: APP_SECRET, epoch: Math.floor(clock().getTime() / 1000) }),
    browser: () => new PageBrowser(base),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await app.close();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A browser without script: follows redirects at Stile and submits the forms that it finds. */
export class PageBrowser {
  readonly #bare: BareBrowser;
  readonly #base: string;
  url: URL;
  status = 0;
  html = '';
  /** Where the last redirect leaves Stile to; null while it does not. */
  left: URL | null = null;

  constructor(base: string) {
    this.#base = base;
    this.#bare = new BareBrowser({ base, issuer: base } as never);
    this.url = new URL(base);
  }

  get cookies() {
    return this.#bare.cookies;
  }

  async #settle(response: Response): Promise<void> {
    let answer = response;
    for (let hop = 0; hop < 10; hop += 1) {
      const location = answer.headers.get('location');
      this.status = answer.status;
      if (location === null) {
        this.html = await answer.text();
        return;
      }
      const to = new URL(location, this.url);
      if (to.origin !== new URL(this.#base).origin) {
        this.left = to;
        return;
      }
      this.url = to;
      answer = await this.#bare.request(to.href);
    }
    throw new Error('redirected for ever');
  }

  async open(path: string): Promise<this> {
    this.left = null;
    this.url = new URL(path, this.#base);
    await this.#settle(await this.#bare.request(this.url.href));
    return this;
  }

  page() {
    return load(this.html);
  }

  heading(): string {
    return this.page()('h1').text().trim();
  }

  /** Submits the page's form with `fields` typed in. */
  async submit(fields: Record<string, string>): Promise<this> {
    const $ = this.page();
    const form = $('form').first();
    const hidden = Object.fromEntries(
      form
        .find('input[type=hidden]')
        .toArray()
        .map((input) => [$(input).attr('name') ?? '', $(input).attr('value') ?? '']),
    );
    return this.post(form.attr('action') ?? this.url.pathname, { ...hidden, ...fields });
  }

  async post(
    path: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<this> {
    this.left = null;
    this.url = new URL(path, this.url);
    const body = new URLSearchParams(fields);
    const origin = { origin: this.#base, 'sec-fetch-site': 'same-origin', ...headers };
    await this.#settle(await this.#bare.request(this.url.href, { method: 'POST', body, headers: origin }));
    return this;
  }
}
