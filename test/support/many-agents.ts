import type { Connection } from 'mongoose';
import type { Account, AccountState, EnrolledMethod } from '../../src/accounts/account.ts';
import { kindsOf } from '../../src/accounts/kinds.ts';

const AT = new Date('2026-01-02T00:00:00Z');
/** Inserted by one command. */
const BATCH = 1000;

const HELD: readonly EnrolledMethod['kind'][][] = [
  [],
  ['security-key'],
  ['authenticator-app'],
  ['security-key', 'authenticator-app'],
];
const stateOf = (i: number): AccountState =>
  i % 50 === 0 ? 'invited' : i % 51 === 0 ? 'disabled' : 'active';

/** From none to 15 codes that are left. */
const codesOf = (i: number, has: boolean): Account['recovery'] =>
  has
    ? {
        salt: 's',
        pepperId: 'p',
        digests: Array.from({ length: (i >> 2) % 16 }, (_, at) => `${i}-${at}`),
        madeAt: AT,
      }
    : null;

/** The `i`th of many who differ in what they hold and in how they stand. Nobody signs in as them. */
function agent(tenantId: string, i: number): Account {
  const methods = (HELD[i % HELD.length] ?? []).map((kind) => ({ id: `${kind}-${i}`, kind, addedAt: AT }));
  return {
    tenantId,
    // In another order than the emails.
    accountId: `${tenantId}-${String((i * 7919) % 1_000_003).padStart(7, '0')}`,
    email: `agent-${String(i).padStart(5, '0')}@${tenantId}.example`,
    name: `Agent ${i}`,
    roles: ['agent'],
    ...(i % 10 === 0 ? {} : { team: `Team ${i % 7}` }),
    state: stateOf(i),
    claims: {},
    password: null,
    methods,
    methodCount: methods.length,
    firstMethodAt: methods.length > 0 ? AT : null,
    recovery: codesOf(i, methods.length > 0),
    skips: 0,
    lastSkipIn: null,
    validFrom: 0,
    keptSessionUid: null,
    credVersion: 1,
    userHandle: `handle-${i}`,
    createdAt: AT,
  };
}

/** Stores so many people of a tenant, past the rules of adding one. @returns them, by email */
export async function seedAgents(
  connection: Connection,
  tenantId: string,
  count: number,
): Promise<Account[]> {
  const agents = Array.from({ length: count }, (_, i) => agent(tenantId, i));
  const rows = agents.map(({ accountId, ...rest }) => ({
    _id: accountId as never,
    ...rest,
    kinds: kindsOf(rest.methods),
    codesLeft: rest.recovery?.digests.length ?? 0,
  }));
  for (let from = 0; from < count; from += BATCH)
    await connection.collection('accounts').insertMany(rows.slice(from, from + BATCH));
  return agents;
}

/** Signs people in, past the sign-in: each by one session at level 2, which ends in an hour. */
export async function seedSessions(connection: Connection, agents: readonly Account[]): Promise<void> {
  const now = Date.now();
  const rows = agents.map(({ tenantId, accountId }) => {
    const [uid, loginTs] = [`uid-${accountId}`, Math.floor(now / 1000) - 60];
    const payload = JSON.stringify({
      accountId,
      uid,
      loginTs,
      acr: 'urn:stile:acr:2fa',
      amr: ['pwd', 'otp'],
    });
    const expiresAt = new Date(now + 60 * 60 * 1000);
    return { _id: `session-${accountId}` as never, accountId, tenantId, uid, payload, expiresAt };
  });
  for (let from = 0; from < rows.length; from += BATCH)
    await connection.collection('oidc_session').insertMany(rows.slice(from, from + BATCH));
}
