import type { Connection } from 'mongoose';
import type { CollectionSpec } from '../storage/indexes.ts';
import type { Vault } from '../storage/vault.ts';
import type { Reset, ResetStore } from './reset.ts';

export const resetCollection: CollectionSpec = {
  name: 'two_factor_resets',
  indexes: [
    { key: { slot: 1 }, unique: true },
    { key: { tenantId: 1, state: 1, expiresAt: 1 } },
    { key: { expiresAt: 1 }, expireAfterSeconds: 0 },
  ],
};

/** `slot`: the account while the reset is open, so that there is one at most; its own id afterwards. */
type Row = Omit<Reset, 'resetId' | 'linkSecret'> & { _id: string; slot: string; sealedLink: string };

const context = ({ tenantId, accountId }: Pick<Row, 'tenantId' | 'accountId'>, id: string) =>
  `reset-link1|${tenantId}|${accountId}|${id}`;

/**
 * Resets of somebody's two factors in MongoDB. Each step is one conditional write. The secret of the mailed link is
 * sealed and not digested, because a mail that was lost with its process is written again (rule digests-only).
 */
export function resetStore(
  connection: Connection,
  vault: Pick<Vault, 'seal' | 'open'>,
): ResetStore & {
  /** Whose wait, for an answer or for their time. */
  waiting(tenantId: string, now: Date): Promise<string[]>;
} {
  const rows = connection.collection<Row>(resetCollection.name);

  function toReset({ _id, slot, sealedLink, ...rest }: Row): Reset {
    void slot;
    return { resetId: _id, linkSecret: vault.open(sealedLink, context(rest, _id)), ...rest };
  }

  return {
    async insert({ resetId, linkSecret, ...reset }) {
      const sealedLink = vault.seal(linkSecret, context(reset, resetId));
      try {
        await rows.insertOne({ _id: resetId, slot: reset.accountId, sealedLink, ...reset });
        return true;
      } catch (error) {
        if ((error as { code?: unknown }).code === 11000) return false;
        throw error;
      }
    },

    async find(resetId) {
      const row = await rows.findOne({ _id: resetId });
      return row && toReset(row);
    },

    async findOpen({ tenantId, accountId }) {
      const row = await rows.findOne({ slot: accountId });
      return row && row.tenantId === tenantId ? toReset(row) : null;
    },

    async waiting(tenantId, now) {
      const open = { tenantId, state: 'waiting', expiresAt: { $gt: now } } as const;
      const found = await rows.find(open, { projection: { accountId: 1 } }).toArray();
      return found.map(({ accountId }) => accountId);
    },

    async move(resetId, from, to) {
      const closed = to === 'done' || to === 'cancelled' ? { slot: resetId } : {};
      const row = await rows.findOneAndUpdate(
        { _id: resetId, state: { $in: [...from] } },
        { $set: { state: to, ...closed } },
        { returnDocument: 'after' },
      );
      return row && toReset(row);
    },
  };
}
