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
    state: stateOf(i),
    claims: {},
    password: null,
    methods,
    methodCount: methods.length,
    firstMethodAt: methods.length > 0 ? AT : null,
    recovery: null,
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
  }));
  for (let from = 0; from < count; from += BATCH)
    await connection.collection('accounts').insertMany(rows.slice(from, from + BATCH));
  return agents;
}
