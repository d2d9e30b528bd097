import { z } from 'zod';
import type { AccountRef } from '../../core/account-ref.ts';
import type { Random } from '../../core/random.ts';
import type { Challenge } from '../method.ts';
import type { RelyingParty } from './webauthn.ts';

/** Length of a challenge; bytes (WebAuthn 3 section 13.4.3 asks for 16). */
const CHALLENGE_BYTES = 32;
/** Life of a challenge; seconds. */
const LIFETIME = 120;

/** What a challenge is for. It is void for everything else. */
export interface ChallengeUse {
  readonly purpose: 'create' | 'get';
  readonly who: AccountRef;
  readonly relyingParty: RelyingParty;
}

const shape = z.strictObject({
  challenge: z.string().length(43),
  purpose: z.enum(['create', 'get']),
  tenantId: z.string(),
  accountId: z.string(),
  rpId: z.string(),
  /** Ids of the credentials that were asked for; empty at registration. */
  offered: z.array(z.string()),
  /** Milliseconds since the epoch. */
  expiresAt: z.number(),
});

/** @returns the bytes for the browser, and what to keep until the answer comes */
export function openChallenge(
  { purpose, who, relyingParty, offered }: ChallengeUse & { readonly offered: readonly string[] },
  now: Date,
  random: Random,
): { bytes: Buffer; challenge: Challenge } {
  const bytes = random(CHALLENGE_BYTES);
  const kept: z.infer<typeof shape> = {
    challenge: bytes.toString('base64url'),
    purpose,
    tenantId: who.tenantId,
    accountId: who.accountId,
    rpId: relyingParty.rpId,
    offered: [...offered],
    expiresAt: now.getTime() + LIFETIME * 1000,
  };
  return { bytes, challenge: kept };
}

/** @returns what was kept; null when it is not a challenge, or one for another use, person or site */
export function takenChallenge(
  kept: Challenge,
  { purpose, who, relyingParty }: ChallengeUse,
): { challenge: string; offered: string[]; expiresAt: Date } | null {
  const { data } = shape.safeParse(kept);
  if (!data || data.purpose !== purpose || data.rpId !== relyingParty.rpId) return null;
  if (data.tenantId !== who.tenantId || data.accountId !== who.accountId) return null;
  return { challenge: data.challenge, offered: data.offered, expiresAt: new Date(data.expiresAt) };
}
