import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { DomainError } from '../../src/core/errors.ts';
import { appOf } from '../support/bare-browser.ts';
import { PASSWORD, startIdp, type Idp } from '../support/idp.ts';

const ANA = 'ana.ribeiro@northwind.example';
const DESK = { clientId: 'desk', redirectUri: 'https://desk.example/callback' };

describe('guesses from one address', function () {
  this.timeout(60_000);
  let idp: Idp;
  let authorizeUrl: string;

  before(async () => {
    idp = await startIdp();
    await idp.addPerson(ANA);
    const desk = appOf(idp, { ...DESK, secret: 'desk-secret-desk-secret-desk-secret' });
    authorizeUrl = desk.authorizeUrl();
  });
  after(() => idp.close());

  const guess = async (email: string, password: string, browser = idp.browser()) => {
    await browser.open(authorizeUrl);
    return browser.submit({ email, password });
  };

  it('are refused after 50 wrong ones, but in browsers that somebody signed in with before', async () => {
    const known = await guess(ANA, PASSWORD);
    expect(known.left?.searchParams.has('code')).to.equal(true);
    const strangers = Array.from({ length: 50 }, (_, i) => `nobody${i}@northwind.example`);
    for (let i = 0; i < 50; i += 10) {
      const wrong = strangers.slice(i, i + 10).map((email) => guess(email, 'a wrong password'));
      for (const { status } of await Promise.all(wrong)) expect(status).to.equal(422);
    }
    const stranger = await guess('nobody50@northwind.example', 'a wrong password');
    expect(stranger.status).to.equal(429);
    const right = await guess(ANA, PASSWORD);
    expect([right.status, right.left]).to.deep.equal([429, null]);

    await known.open(`${authorizeUrl}&prompt=login`);
    await known.submit({ email: ANA, password: PASSWORD });
    expect(known.left?.searchParams.has('code')).to.equal(true);
  });
});

describe('guesses from one address that come at once', function () {
  this.timeout(120_000);
  let idp: Idp;
  before(async () => void (idp = await startIdp()));
  after(() => idp.close());

  it('are no more than the address has', async () => {
    const desk = appOf(idp, { ...DESK, secret: 'desk-secret-desk-secret-desk-secret' });
    const browsers = await Promise.all(
      Array.from({ length: 120 }, async () => idp.browser().open(desk.authorizeUrl())),
    );
    let compared = 0;
    const { passwords } = idp.app.stores;
    Object.assign(passwords, {
      // As slow as a busy machine, and with room for all.
      async verify() {
        compared += 1;
        await setTimeout(500);
        return { ok: false, upgrade: null };
      },
    });
    await Promise.all(
      browsers.map((at, i) =>
        at.submit({ email: `nobody${i}@northwind.example`, password: 'a wrong password' }),
      ),
    );
    expect(compared).to.be.within(1, 50);
    const refused = browsers.filter(({ status }) => status === 429);
    expect(refused).to.have.length(120 - compared);
  });
});

describe('the queue of passwords', () => {
  let idp: Idp;
  before(async () => void (idp = await startIdp()));
  after(() => idp.close());

  it('that is full charges nobody with a wrong password', async () => {
    await idp.addPerson('ben.okafor@northwind.example');
    const email = 'ben.okafor@northwind.example';
    const { passwords } = idp.app.stores;
    const { verify } = passwords;
    const desk = appOf(idp, { ...DESK, secret: 'desk-secret-desk-secret-desk-secret' });
    const browser = idp.browser();
    Object.assign(passwords, {
      verify: () => Promise.reject(new DomainError('busy', { retryAfterSeconds: 2 })),
    });
    try {
      await browser.open(desk.authorizeUrl());
      for (let i = 0; i < 8; i += 1) {
        await browser.submit({ email, password: PASSWORD });
        expect(browser.status).to.equal(503);
      }
    } finally {
      Object.assign(passwords, { verify });
    }
    expect(await idp.database.connection.collection('attempts').countDocuments({})).to.equal(0);
    await browser.submit({ email, password: PASSWORD });
    expect(browser.left?.searchParams.has('code')).to.equal(true);
  });

  it('keeps its places for people in browsers that they signed in with before', async () => {
    await idp.addPerson(ANA);
    const { passwords } = idp.app.stores;
    const priorities: (boolean | undefined)[] = [];
    const verify = passwords.verify.bind(passwords);
    Object.assign(passwords, {
      verify(...[stored, password, priority]: Parameters<typeof verify>) {
        priorities.push(priority?.knownDevice);
        return verify(stored, password, priority);
      },
    });
    const desk = appOf(idp, { ...DESK, secret: 'desk-secret-desk-secret-desk-secret' });
    const browser = idp.browser();
    for (const more of [{}, { prompt: 'login' }]) {
      await browser.open(desk.authorizeUrl(more));
      await browser.submit({ email: ANA, password: PASSWORD });
    }
    expect(priorities).to.deep.equal([false, true]);
  });
});
