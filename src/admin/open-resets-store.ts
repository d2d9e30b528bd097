import type { Connection } from 'mongoose';
import { resetCollection } from './reset-store.ts';

/**
 * Stops every reset of a tenant that waits or broke off: in a restored backup it may be one that was stopped since. Reads
 * every reset, which are few: for a command, not for a page.
 * @returns how many
 */
export async function cancelOpenResets(connection: Connection, tenantId: string): Promise<number> {
  const rows = connection.collection<{ _id: string; slot: string; state: string }>(resetCollection.name);
  const open = { tenantId, state: { $in: ['waiting', 'approved'] } };
  let stopped = 0;
  for (const { _id } of await rows.find(open, { projection: { _id: 1 } }).toArray()) {
    const { modifiedCount } = await rows.updateOne(
      { ...open, _id },
      { $set: { state: 'cancelled', slot: _id } },
    );
    stopped += modifiedCount;
  }
  return stopped;
}
