import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { signingKey } from '../support/bare-provider.ts';
import { APP } from './app.ts';
import { answerCalls, ownCpu } from './measured-process.ts';

// oidc-provider as it comes, with its in-memory adapter: what the protocol costs when nothing is kept and nobody is
// asked. Keys, tokens, claims and rotation are as Stile's.
console.warn = () => undefined; // It warns of the adapter that is measured here.
const server = createServer();
await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
const base = `http://localhost:${(server.address() as AddressInfo).port}`;

const provider: Provider = new Provider(base, {
  clients: [{ ...APP, id_token_signed_response_alg: 'ES256' }],
  jwks: { keys: [signingKey('ES256', 'es-1')] },
  cookies: { keys: ['bench cookie key'] },
  routes: {
    authorization: '/authorize',
    token: '/token',
    userinfo: '/userinfo',
    introspection: '/introspect',
  },
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email'] },
  features: {
    devInteractions: { enabled: false },
    introspection: { enabled: true, allowedPolicy: () => true },
  },
  responseTypes: ['code'],
  rotateRefreshToken: true,
  issueRefreshToken: () => true,
  interactions: { url: (_ctx, { uid }) => `/sign-in/${uid}` },
  findAccount: (_ctx, accountId) => ({
    accountId,
    claims: () => ({ sub: accountId, name: 'Ana', preferred_username: 'ana', email: 'ana@bench.example' }),
  }),
  loadExistingGrant: async ({ oidc: { client, session } }) => {
    if (!client || session?.accountId === undefined) return undefined;
    const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
    grant.addOIDCScope('openid profile email');
    await grant.save();
    return grant;
  },
});

let people = 0;
provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/sign-in/')) return next();
  await provider.interactionDetails(ctx.req, ctx.res);
  const login = { accountId: `person-${(people += 1)}` };
  ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, { login }));
});
const handle = provider.callback();
server.on('request', (request, response) => void handle(request, response));

answerCalls({ address: () => ({ base }), cpu: ownCpu, close: () => undefined });
