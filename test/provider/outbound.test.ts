import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { Provider, type AdapterFactory } from 'oidc-provider';
import { guardedFetch } from '../../src/provider/outbound.ts';
import { signingKey } from '../support/bare-provider.ts';

const noStore = (() => ({})) as unknown as AdapterFactory;

describe('the way out to apps', () => {
  let sink: Server;
  let port: number;
  let hits = 0;
  before(async () => {
    sink = createServer((_request, response) => {
      hits += 1;
      response.end();
    });
    await new Promise<void>((ready) => sink.listen(0, '127.0.0.1', ready));
    ({ port } = sink.address() as AddressInfo);
  });
  after(() => new Promise((closed) => sink.close(closed)));
  beforeEach(() => void (hits = 0));

  /** Sends a logout token through the real library, with its guard in place. */
  async function send(uri: string, allowed: string[]): Promise<string> {
    const provider = new Provider('https://id.example', {
      clients: [
        {
          client_id: 'c',
          client_secret: 's',
          redirect_uris: ['https://c.example'],
          backchannel_logout_uri: uri,
        },
      ],
      adapter: noStore,
      jwks: { keys: [signingKey('RS256', 'r')] },
      cookies: { keys: ['k'] },
      features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
      // The sink speaks no TLS: the last step takes it off, so that the library's guard is what decides.
      fetch: guardedFetch(allowed, (url, init) => fetch((url as URL).href.replace('https:', 'http:'), init)),
    });
    const client = (await provider.Client.find('c')) as unknown as {
      backchannelLogout(a: string, s: string): Promise<void>;
    };
    return client.backchannelLogout('ana', 'sid').then(
      () => 'sent',
      (error: Error) => `${error.message} ${String((error.cause as Error | undefined)?.message)}`,
    );
  }

  it('refuses plain http to a host that nobody named', async () => {
    expect(await send(`http://127.0.0.1:${port}/`, [])).to.contain('only https');
    expect(hits).to.equal(0);
  });

  it('refuses this machine and private networks under https, by whatever spelling', async () => {
    for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f000001', '[::ffff:127.0.0.1]']) {
      expect(await send(`https://${host}:${port}/`, []), host).to.contain('special-use IP address');
    }
    expect(hits).to.equal(0);
  });

  it('goes where the operator said, by host or by host and port', async () => {
    expect(await send(`http://127.0.0.1:${port}/`, ['127.0.0.1'])).to.equal('sent');
    expect(await send(`http://127.0.0.1:${port}/`, [`127.0.0.1:${port}`])).to.equal('sent');
    expect(await send(`http://127.0.0.1:${port}/`, ['127.0.0.1:1'])).to.contain('only https');
    expect(hits).to.equal(2);
  });
});
