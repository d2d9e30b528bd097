import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { Context } from 'koa';
import { epochSeconds, type Clock } from '../core/clock.ts';
import { randomId } from '../core/random.ts';

/** How long a browser counts as known; seconds (rule known-browsers). */
const LIFETIME = 180 * 24 * 60 * 60;
/** Accounts that one browser remembers: a shared desk has a few regulars. */
const MAX_ACCOUNTS = 8;

export interface KnownDevice {
  /** `tenant/email` of people who completed a sign-in here, latest first. */
  readonly accounts: readonly string[];
  /** The random id of this browser for each of them. */
  readonly ids: ReadonlyMap<string, string>;
  /** The tenant of the latest; null when nobody did. */
  readonly tenantId: string | null;
}

export type Devices = ReturnType<typeof createDevices>;

/**
 * The device cookie: "somebody completed a sign-in in this browser". Only separates guess budgets and tells a new
 * browser from a known one; it is neither a factor nor a session (rule known-browsers).
 */
export function createDevices({ key, secure, clock }: { key: Buffer; secure: boolean; clock: Clock }) {
  const name = secure ? '__Host-stile_device' : 'stile_device';
  const secret = createSecretKey(key);
  const mac = (body: string) => createHmac('sha256', secret).update(`device1|${body}`).digest();

  function read(ctx: Context): { entries: [account: string, issued: number, id: string][] } {
    const [body, tag] = (ctx.cookies.get(name) ?? '').split('.');
    if (body === undefined || tag === undefined) return { entries: [] };
    const given = Buffer.from(tag, 'base64url');
    const right = mac(body);
    if (given.length !== right.length || !timingSafeEqual(given, right)) return { entries: [] };
    const entries = JSON.parse(Buffer.from(body, 'base64url').toString()) as [string, number, string][];
    const oldest = epochSeconds(clock()) - LIFETIME;
    return { entries: entries.filter(([, issued]) => issued > oldest) };
  }

  return {
    read(ctx: Context): KnownDevice {
      const { entries } = read(ctx);
      const accounts = entries.map(([account]) => account);
      const ids = new Map(entries.map(([account, , id]) => [account, id]));
      return { accounts, ids, tenantId: accounts[0]?.split('/')[0] ?? null };
    },

    /** Sets the cookie after a completed sign-in. @returns whether the browser was new to this account */
    remember(ctx: Context, who: { tenantId: string; email: string }): boolean {
      const { entries } = read(ctx);
      const account = `${who.tenantId}/${who.email}`;
      const others = entries.filter(([other]) => other !== account);
      const known = entries.find(([other]) => other === account);
      const latest = [[account, epochSeconds(clock()), known?.[2] ?? randomId()], ...others].slice(
        0,
        MAX_ACCOUNTS,
      );
      const body = Buffer.from(JSON.stringify(latest)).toString('base64url');
      if (secure) ctx.cookies.secure = true; // TLS may end at a proxy before us
      ctx.cookies.set(name, `${body}.${mac(body).toString('base64url')}`, {
        httpOnly: true,
        secure,
        sameSite: 'lax',
        path: '/',
        maxAge: LIFETIME * 1000,
        signed: false,
      });
      return known === undefined;
    },
  };
}
