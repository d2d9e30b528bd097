import type { Account } from '../accounts/account.ts';
import type { AccountChanges } from '../accounts/accounts.ts';
import { createAccountCommit, NO_SESSIONS } from '../accounts/commit.ts';
import { invitedAccount } from '../accounts/new-account.ts';
import { randomId } from '../core/random.ts';
import { planMethods, type Counted } from './account-methods.ts';
import { planPassword, planRecovery } from './account-secrets.ts';
import type { PlanOptions, ProvisioningPorts, Step } from './plan.ts';
import { fieldText } from './report.ts';
import type { AccountEntry } from './schema.ts';
import { sameValues, type Values, valuesToSet } from './values.ts';

function valuesOf({ name, roles, team, claims, state }: AccountEntry): Values {
  return Object.fromEntries(
    Object.entries({ name, roles, team, claims, state }).filter(([, value]) => value !== undefined),
  );
}

/** An account with nothing set yet. Nobody signs in to it before it is written whole. */
const blank = (
  { tenant: tenantId, email, name }: AccountEntry,
  accountId: string,
  { clock, random }: ProvisioningPorts,
): Account => invitedAccount({ tenantId, accountId, email, name, createdAt: clock() }, random);

/** `2 apps`, `1 key`; empty for none. */
const counted = (count: number, what: string) =>
  count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'}`];

const ofKinds = (kinds: readonly Counted[]) => kinds.flatMap(({ count, noun }) => counted(count, noun));

/** Works out what the file changes of one account. */
export async function planAccount(
  entry: AccountEntry,
  ports: ProvisioningPorts,
  { overwrite }: PlanOptions,
): Promise<Step> {
  const { accounts, applied } = ports;
  const commit = createAccountCommit({ ...ports, sessions: NO_SESSIONS });
  const key = `account ${entry.tenant} ${entry.email}`;
  const current = await accounts.findByEmail(entry.tenant, entry.email);
  const before = await applied.find(key);
  const last = overwrite || !current ? null : before;
  // Somebody took them away since it was applied, as by withdrawing an invitation: what people change stays.
  if (!current && before && !overwrite) return { change: null, write: () => Promise.resolve(true) };
  const base = current ?? blank(entry, (await applied.reserved(key)) ?? randomId(ports.random), ports);

  const listed = valuesOf(entry);
  const set = valuesToSet(listed, last?.values ?? null, { ...base });
  const password = await planPassword(entry, base.password, last, ports);
  const recovery = await planRecovery(entry, base.recovery, last, ports);
  const methods = await planMethods(entry, base, current, { last, provisioners: ports.provisioners });

  const isAdded = methods.added.some(({ count }) => count > 0);
  const isRemoved = methods.removed.some(({ count }) => count > 0);
  const parts = [
    ...(password.make ? ['password'] : []),
    ...ofKinds(methods.added),
    ...(recovery.make ? counted(entry.recoveryCodes?.length ?? 0, 'recovery code') : []),
  ];
  const fields = [
    ...(current ? set.map(fieldText) : []),
    ...parts.map((part) => (current ? `${part} set` : part)),
    ...ofKinds(methods.removed).map((one) => `${one} removed`),
    ...counted(methods.renamed, 'method renamed').map(() => 'method renamed'),
  ];
  const due = !current || fields.length > 0;
  const name = `${entry.tenant}/${entry.email}`;

  /** What is written, in one go. */
  async function changesOf(): Promise<AccountChanges> {
    const plain = Object.fromEntries(set.map(({ field, to }) => [field, to])) as AccountChanges;
    const state =
      password.make && base.state === 'invited' && entry.state === undefined
        ? { state: 'active' as const }
        : {};
    return {
      ...plain,
      ...state,
      ...(password.make ? { password: await password.make() } : {}),
      ...(recovery.make ? { recovery: await recovery.make() } : {}),
      ...(isAdded || isRemoved ? { methods: await methods.store() } : {}),
    };
  }

  /** As everywhere: what was signed in under the old password, with a removed method or before a lock-out, ends. */
  function endsAll({ state }: AccountChanges): boolean {
    const isDisabled = state === 'disabled' && base.state !== 'disabled';
    return (
      current !== null && (isRemoved || isDisabled || (password.make !== null && base.password !== null))
    );
  }

  async function writeAccount(changes: AccountChanges): Promise<boolean> {
    const { tenantId, accountId } = base;
    const entry = {
      event: current ? 'agent_changed' : 'agent_added',
      tenantId,
      actor: null,
      subject: { tenantId, accountId },
      result: 'ok',
      details: { by: 'provisioning', fields },
    } as const;
    const saved = await commit<Account | boolean>({
      who: { tenantId, accountId },
      entries: [entry],
      ends: endsAll(changes) ? { reason: 'provisioning', keptUid: null } : null,
      write({ insert, save }) {
        if (!current) return insert({ ...base, ...changes });
        return Object.keys(changes).length === 0 ? Promise.resolve(current) : save(current, changes);
      },
    });
    return saved !== null;
  }

  return {
    change: due ? { kind: 'account', action: current ? 'change' : 'add', name, fields } : null,
    async write() {
      if (!current && (await applied.reserve(key, base.accountId)) !== base.accountId) return false;
      const changes = due ? await changesOf() : {};
      if (due && !(await writeAccount(changes))) return false;
      await methods.tidy();
      const now = {
        values: listed,
        password: await password.told(changes.password ?? null),
        recovery: await recovery.told(changes.recovery ?? null),
        methods: methods.told,
      };
      if (!before || !sameValues({ ...before }, now)) await applied.save(key, now);
      return true;
    },
  };
}
