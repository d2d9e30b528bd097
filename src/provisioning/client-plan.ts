import { clientRecord, type ClientRecord, secretMatches } from '../provider/clients.ts';
import type { Applied } from './applied.ts';
import type { PlanOptions, ProvisioningPorts, Step } from './plan.ts';
import type { ClientEntry } from './schema.ts';
import { sameValues, type Values, valuesToSet } from './values.ts';

/** The plain values of a client: everything but the secret. */
function valuesOf(entry: ClientEntry): Values {
  return Object.fromEntries(Object.entries(entry).filter(([field]) => field !== 'client_secret'));
}

/** What the file says of the secret, as a client keeps it: the digest that is there already, where it fits. */
function listedDigest(entry: ClientEntry, current: ClientRecord | null, last: Applied | null): string | null {
  const secret = entry.client_secret;
  if (secret !== undefined && last?.secretDigest && secretMatches(last.secretDigest, secret))
    return last.secretDigest;
  return clientRecord(entry, current).secretDigest;
}

/**
 * Works out what the file changes of one client. A registered field that is no longer listed is taken away: what it
 * is then, the protocol says.
 */
export async function planClient(
  entry: ClientEntry,
  { clients, applied, audit }: ProvisioningPorts,
  { overwrite }: PlanOptions,
): Promise<Step> {
  const name = entry.client_id;
  const key = `client ${name}`;
  const current = await clients.find(name);
  const before = await applied.find(key);
  const last = overwrite || !current ? null : before;

  const listed = valuesOf(entry);
  const present: Values = current ? { ...current.metadata, tenant: current.tenantId ?? undefined } : {};
  const gone = Object.keys(last?.values ?? present).filter(
    (field) => listed[field] === undefined && field in present,
  );
  const set = valuesToSet(listed, last?.values ?? null, present);
  const secretDigest = listedDigest(entry, current, before);
  const newSecret = secretDigest !== current?.secretDigest && secretDigest !== last?.secretDigest;
  const fields = [...set.map(({ field }) => field), ...gone, ...(newSecret ? ['client_secret'] : [])];

  async function writeClient(): Promise<void> {
    const event = current ? 'client_changed' : 'client_added';
    const about = { tenantId: entry.tenant ?? '', actor: null, subject: null, result: 'ok' } as const;
    await audit.record({ ...about, event, details: { by: 'provisioning', client: name, fields } });
    const kept = Object.entries(present).filter(([field]) => !gone.includes(field));
    const { tenant, ...metadata } = Object.fromEntries([
      ...kept,
      ...set.map(({ field, to }) => [field, to]),
    ]) as ClientEntry;
    await clients.save({
      clientId: name,
      tenantId: tenant ?? null,
      secretDigest: newSecret || !current ? secretDigest : current.secretDigest,
      metadata,
    });
  }

  const change = {
    kind: 'client',
    name,
    action: current ? 'change' : 'add',
    fields: current ? fields : [],
  } as const;
  const due = !current || fields.length > 0;
  const told = before !== null && before.secretDigest === secretDigest && sameValues(before.values, listed);
  return {
    change: due ? change : null,
    async write() {
      if (due) await writeClient();
      if (!told) await applied.save(key, { values: listed, secretDigest });
      return true;
    },
  };
}
