import type { Connection } from 'mongoose';
import type { CollectionSpec } from '../storage/indexes.ts';
import type { ClientRecord, Clients } from './clients.ts';

export const clientCollection: CollectionSpec = {
  name: 'clients',
  indexes: [{ key: { tenantId: 1, _id: 1 } }],
};

interface Row {
  readonly _id: string;
  readonly tenantId: string | null;
  readonly secretDigest: string | null;
  /** JSON text: registered names may hold dots and dollars. */
  readonly metadata: string;
}

const toRecord = (row: Row): ClientRecord => ({
  clientId: row._id,
  tenantId: row.tenantId,
  secretDigest: row.secretDigest,
  metadata: JSON.parse(row.metadata) as ClientRecord['metadata'],
});

/** Clients in MongoDB. */
export function clientStore(connection: Connection): Clients {
  const rows = connection.collection<Row>(clientCollection.name);
  return {
    async find(clientId) {
      const row = await rows.findOne({ _id: clientId });
      return row && toRecord(row);
    },

    async save({ clientId, tenantId, secretDigest, metadata }) {
      await rows.replaceOne(
        { _id: clientId },
        { tenantId, secretDigest, metadata: JSON.stringify(metadata) },
        { upsert: true, writeConcern: { w: 'majority' } },
      );
    },

    async remove(clientId) {
      const { deletedCount } = await rows.deleteOne({ _id: clientId }, { writeConcern: { w: 'majority' } });
      return deletedCount === 1;
    },

    async ofTenant(tenantId) {
      return (await rows.find({ tenantId }, { sort: { _id: 1 } }).toArray()).map(toRecord);
    },
  };
}
