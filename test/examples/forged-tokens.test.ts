import { expect } from 'chai';
import type { CryptoKey, JWTPayload } from 'jose';
import { startContactDesk, type ContactDesk } from '../../examples/contact-desk/contact-desk.ts';
import { DeskVisitor } from './desk-visitor.ts';
import { startForgingIssuer, type Forgery, type ForgingIssuer } from './forging-issuer.ts';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

describe('contact desk and an issuer that lies', () => {
  let liar: ForgingIssuer;
  let desk: ContactDesk;
  let visitor: DeskVisitor;

  beforeEach(async () => {
    liar = await startForgingIssuer('desk');
    desk = await startContactDesk({ issuer: liar.issuer, port: 0, clientId: 'desk', clientSecret: 's' });
    visitor = new DeskVisitor();
  });
  afterEach(async () => {
    await desk.close();
    await liar.close();
  });

  const signIn = async () => {
    await visitor.open(desk.url);
    return visitor.select('Sign in');
  };

  const past = Math.floor(Date.now() / 1000) - 3600;
  const forgeries: Record<string, Forgery> = {
    'is signed with a key that is not published': { otherKey: true },
    'is not signed': { alg: 'none' },
    'is for another app': { claims: { aud: 'another-app' } },
    'is from another issuer': { claims: { iss: 'https://evil.example' } },
    'has the nonce of another request': { claims: { nonce: 'another' } },
    'has ended': { claims: { exp: past, iat: past - 60 } },
    'is about another person than userinfo': { claims: { sub: 'somebody-else' } },
  };

  it('signs in with a token that is right', async () => {
    expect((await signIn()).$('h1').text()).to.equal('Hello, Somebody');
  });

  for (const [what, forgery] of Object.entries(forgeries)) {
    it(`signs nobody in when the ID token ${what}`, async () => {
      liar.state.forgery = forgery;
      const page = await signIn();
      expect(page.text).to.include('The desk could not finish the sign-in');
      expect(page.$('h1').text()).to.equal('Welcome');
    });
  }

  it('signs nobody in when the answer names another issuer (RFC 9207)', async () => {
    liar.state.iss = 'https://evil.example';
    expect((await signIn()).text).to.include('The desk could not finish the sign-in');
  });

  describe('logout tokens', () => {
    let next = 0;
    const claims = (more: { [claim: string]: unknown } = {}): JWTPayload => {
      const now = Math.floor(Date.now() / 1000);
      next += 1;
      const events = { [EVENT]: {} };
      const base = { iss: liar.issuer, aud: 'desk', iat: now, exp: now + 120, jti: `t${next}` };
      return { ...base, sub: 'somebody', events, ...more };
    };
    const send = async (token: string) =>
      fetch(`${desk.url}/backchannel-logout`, {
        method: 'POST',
        body: new URLSearchParams({ logout_token: token }),
      });
    const logout = (payload: JWTPayload, how: { typ?: string; key?: CryptoKey } = {}) =>
      liar.sign(payload, { typ: 'logout+jwt', ...how });
    const isSignedIn = async () => (await visitor.open(desk.url)).$('h1').text() === 'Hello, Somebody';

    it('end all sign-ins of the person when they name no session', async () => {
      await signIn();
      expect((await send(await logout(claims()))).status).to.equal(200);
      expect(await isSignedIn()).to.equal(false);
    });

    it('end the session that they name, and no other', async () => {
      liar.state.forgery = { claims: { sid: 'session-1' } };
      await signIn();
      await send(await logout(claims({ sid: 'session-2' })));
      expect(await isSignedIn()).to.equal(true);
      await send(await logout(claims({ sid: 'session-1' })));
      expect(await isSignedIn()).to.equal(false);
    });

    it('win over a code of the same session that is on its way', async () => {
      liar.state.forgery = { claims: { sid: 'session-1' } };
      liar.state.meanwhile = async () => void (await send(await logout(claims({ sid: 'session-1' }))));
      expect((await signIn()).text).to.include('You were signed out by Stile');
    });

    it('work once', async () => {
      const token = await logout(claims());
      expect((await send(token)).status).to.equal(200);
      expect((await send(token)).status).to.equal(400);
      expect(desk.receivedLogoutTokens).to.have.length(1);
    });

    const wrong: Record<string, (() => Promise<string>) | string> = {
      'no token at all': '',
      'something that is no token': 'abc',
      'a token signed with another key': () => logout(claims(), { key: liar.otherKey }),
      'an ID token': () => liar.sign(claims({ events: undefined })),
      'a token of another type': () => liar.sign(claims(), { typ: 'JWT' }),
      'a token for another app': () => logout(claims({ aud: 'another-app' })),
      'a token of another issuer': () => logout(claims({ iss: 'https://evil.example' })),
      'a token that has ended': () => logout(claims({ exp: past })),
      'a token with another event': () => logout(claims({ events: { other: {} } })),
      'a token with an event that is no object': () => logout(claims({ events: { [EVENT]: true } })),
      'a token that names nobody': () => logout(claims({ sub: undefined })),
      'a token without a name of its own': () => logout(claims({ jti: undefined })),
      'a token with a nonce': () => logout(claims({ nonce: 'n' })),
    };
    for (const [what, token] of Object.entries(wrong)) {
      it(`end nothing when they are ${what}`, async () => {
        await signIn();
        const response = await send(typeof token === 'string' ? token : await token());
        expect(response.status).to.equal(400);
        expect(response.headers.get('cache-control')).to.equal('no-store');
        expect(await isSignedIn()).to.equal(true);
      });
    }
  });
});
