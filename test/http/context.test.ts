import { expect } from 'chai';
import ipaddr from 'ipaddr.js';
import type { Context } from 'koa';
import { clientAddress, requestContext, truncatedAddress } from '../../src/http/context.ts';
import type { Renderer } from '../../src/http/render.ts';
import type { AppState } from '../../src/http/state.ts';

const request = (remoteAddress: string | undefined, forwarded?: string) =>
  ({ req: { headers: { 'x-forwarded-for': forwarded }, socket: { remoteAddress } } }) as unknown as Context;

const address = (ctx: Context, proxies: number) => clientAddress(ctx, proxies)?.toString();

describe('the address of a client', () => {
  it('is the one that the connection comes from, whatever a header says', () => {
    expect(address(request('192.0.2.9', '198.51.100.1'), 0)).to.equal('192.0.2.9');
  });

  it('is the one that our own proxies saw, not what stood in the header before them', () => {
    const chain = '6.6.6.6, 198.51.100.1, 10.0.0.2';
    expect(address(request('10.0.0.1', chain), 2)).to.equal('198.51.100.1');
    expect(address(request('10.0.0.1', chain), 1)).to.equal('10.0.0.2');
  });

  it("is the connection's when the header is short, missing or no address", () => {
    expect(address(request('10.0.0.1', '198.51.100.1'), 3)).to.equal('10.0.0.1');
    expect(address(request('10.0.0.1'), 1)).to.equal('10.0.0.1');
    expect(address(request('10.0.0.1', 'x; DROP TABLE'), 1)).to.equal('10.0.0.1');
  });

  it('may come with a port, as some proxies write it', () => {
    for (const [told, meant] of [
      ['198.51.100.1:4711', '198.51.100.1'],
      ['[2001:db8::7]:4711', '2001:db8::7'],
      ['[2001:db8::7]', '2001:db8::7'],
      ['2001:db8::7', '2001:db8::7'],
    ])
      expect(address(request('10.0.0.1', told), 1)).to.equal(meant);
  });

  it('is kept without the part that names a person', () => {
    const kept = (text: string) => truncatedAddress(ipaddr.process(text));
    expect(kept('192.0.2.200')).to.equal('192.0.2.0/24');
    expect(kept('::ffff:192.0.2.200')).to.equal('192.0.2.0/24');
    expect(kept('2001:db8:1234:5678::1')).to.equal('2001:db8:1234::/48');
    expect(truncatedAddress(null)).to.equal('unknown');
  });

  it('is less truncated for guess budgets: what one household has', async () => {
    const middleware = requestContext({ trustedProxies: 0, renderer: {} as Renderer });
    for (const [from, host] of [
      ['192.0.2.200', '192.0.2.200/32'],
      ['2001:db8:1234:5678:9abc::1', '2001:db8:1234:5678::/64'],
    ] as const) {
      const ctx = Object.assign(request(from), { state: {} as AppState });
      await middleware(ctx, async () => undefined);
      expect(ctx.state.sourceHost).to.equal(host);
    }
  });
});
