import Koa from 'koa';
import * as oidc from 'openid-client';

const { ISSUER = 'http://localhost:3000', CLIENT_ID = 'my-app', CLIENT_SECRET, PORT = '3200' } = process.env;
const redirect_uri = `http://localhost:${PORT}/callback`;
const plainHttp = { execute: [oidc.allowInsecureRequests] }; // for http://localhost alone
const stile = await oidc.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, plainHttp);

const app = new Koa().use(async (ctx) => {
  if (ctx.path === '/callback') {
    const [state = '', nonce = '', verifier = ''] = ctx.cookies.get('sign-in')?.split('.') ?? [];
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier };
    const tokens = await oidc.authorizationCodeGrant(stile, new URL(ctx.url, redirect_uri), checks);
    const { sub, amr } = tokens.claims() ?? ctx.throw(502);
    if (![amr].flat().includes('mfa')) ctx.throw(403, 'This app wants two factors.'); // asking is not knowing
    const { name } = await oidc.fetchUserInfo(stile, tokens.access_token, sub);
    ctx.body = { hello: name, amr };
  } else {
    const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
    ctx.cookies.set('sign-in', `${state}.${nonce}.${verifier}`, { sameSite: 'lax' });
    const code_challenge = await oidc.calculatePKCECodeChallenge(verifier);
    const pkce = { code_challenge, code_challenge_method: 'S256' };
    const wish = { scope: 'openid profile', acr_values: 'urn:stile:acr:2fa' };
    ctx.redirect(oidc.buildAuthorizationUrl(stile, { redirect_uri, state, nonce, ...pkce, ...wish }).href);
  }
});
app.listen(PORT, () => console.log(`http://localhost:${PORT}`));
