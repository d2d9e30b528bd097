import { randomBytes } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import type { Context, Middleware } from 'koa';
import { makeReference } from './log.ts';
import type { Renderer } from './render.ts';
import type { AppState } from './state.ts';

type KeptBits = Readonly<Record<'ipv4' | 'ipv6', number>>;

/** Bits kept of an address: enough to tell networks apart, too few to name a person (rule least-data). */
const NETWORK_BITS: KeptBits = { ipv4: 24, ipv6: 48 };
/** What one household or desk gets to itself: a single IPv4 address, but a whole IPv6 /64 (rule budgets). */
const HOST_BITS: KeptBits = { ipv4: 32, ipv6: 64 };

/** `192.0.2.7:4711`, `[2001:db8::7]:4711` or `[2001:db8::7]`: some proxies name the port too (RFC 7239 section 6). */
const WITH_PORT = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d{1,5})?$/;

/** @returns the address, an IPv4 one inside IPv6 unwrapped; null when it is none */
function parse(given: string | undefined): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const [, v6, v4] = WITH_PORT.exec(given ?? '') ?? [];
  const text = v6 ?? v4 ?? given;
  return text !== undefined && ipaddr.isValid(text) ? ipaddr.process(text) : null;
}

/**
 * The client's address. Each trusted proxy appended the address that it saw, so the client is the `trustedProxies`-th
 * from the end; what stands before it was written by anybody.
 * @param trustedProxies how many proxies stand before us; 0 = the header is ignored
 */
export function clientAddress(ctx: Context, trustedProxies: number): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const header = ctx.req.headers['x-forwarded-for'];
  const chain = (Array.isArray(header) ? header.join(',') : (header ?? ''))
    .split(',')
    .map((one) => one.trim());
  const told = trustedProxies > 0 ? parse(chain.at(-trustedProxies)) : null;
  return told ?? parse(ctx.req.socket.remoteAddress);
}

/** @returns the network of an address, such as `192.0.2.0/24`; `unknown` without one */
export function truncatedAddress(address: ipaddr.IPv4 | ipaddr.IPv6 | null, bitsOf = NETWORK_BITS): string {
  if (address === null) return 'unknown';
  const bits = bitsOf[address.kind()];
  const network =
    address instanceof ipaddr.IPv4
      ? ipaddr.IPv4.networkAddressFromCIDR(`${address.toString()}/${bits}`)
      : ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/${bits}`);
  return `${network.toString()}/${bits}`;
}

/** Addresses whose networks are remembered: one client asks many times. */
const REMEMBERED = 1000;

function networksOf(address: ipaddr.IPv4 | ipaddr.IPv6 | null) {
  return { source: truncatedAddress(address), sourceHost: truncatedAddress(address, HOST_BITS) };
}

/** Puts on `ctx.state` what every request has. Runs after the request log, which gave the reference. */
export function requestContext(options: {
  trustedProxies: number;
  renderer: Renderer;
}): Middleware<AppState> {
  const known = new Map<string, ReturnType<typeof networksOf>>();

  function networks(ctx: Context): ReturnType<typeof networksOf> {
    const forwarded = options.trustedProxies > 0 ? ctx.req.headers['x-forwarded-for'] : undefined;
    const asked = `${ctx.req.socket.remoteAddress ?? ''} ${String(forwarded)}`;
    const found = known.get(asked) ?? networksOf(clientAddress(ctx, options.trustedProxies));
    if (known.size >= REMEMBERED) known.clear();
    known.set(asked, found);
    return found;
  }

  return (ctx, next) => {
    const { state } = ctx;
    state.reference ??= makeReference();
    state.nonce = randomBytes(16).toString('base64url');
    Object.assign(state, networks(ctx));
    state.formTargets = [];
    state.t = options.renderer.t;
    state.render = (view, data) => {
      ctx.body = options.renderer.render(view, state, data);
      ctx.type = 'html';
    };
    return next();
  };
}
