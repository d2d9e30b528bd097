import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt } from 'jose';
import { appOf } from '../support/bare-browser.ts';
import type { Idp } from '../support/idp.ts';

const SECRET = 'a secret of this test, long enough';

export type ListeningApp = Awaited<ReturnType<typeof startListeningApp>>;

/** An app that is told of sign-outs, and remembers of whom. */
export async function startListeningApp(
  idp: Idp,
  clientId: string,
  { hangs = false, tenant }: { readonly hangs?: boolean; readonly tenant?: string } = {},
) {
  /** Requests that Stile gave up, because no answer came. */
  let givenUp = 0;
  const told: { sub: string | undefined; sid: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      const { sub, sid } = decodeJwt<{ sid: string }>(new URLSearchParams(body).get('logout_token') ?? '');
      told.push({ sub, sid });
      if (!hangs) response.end();
      else response.on('close', () => (givenUp += 1));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const redirectUri = `https://${clientId}.example/callback`;
  await idp.addClient({
    client_id: clientId,
    client_secret: SECRET,
    ...(tenant === undefined ? {} : { tenant }),
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    first_party: true,
    backchannel_logout_uri: `http://127.0.0.1:${port}/out`,
  });
  return {
    clientId,
    told,
    givenUp: () => givenUp,
    http: appOf(idp, { clientId, redirectUri, secret: SECRET }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
