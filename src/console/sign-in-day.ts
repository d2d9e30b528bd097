import { shortDate } from '../http/long-date.ts';
import type { Desk } from './desk.ts';

/** @returns a sign-in as lists tell it, in the zone of whoever looks; null = there was none */
export const dayOfSignIn = (at: Date | undefined, { visit }: Desk) =>
  at ? { iso: at.toISOString(), day: shortDate(at, visit.account.claims.zoneinfo) } : null;
