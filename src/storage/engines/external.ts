import mongoose from 'mongoose';
import { DatabaseRefused, type Engine } from './engine.ts';

/** How long the first answer may take; milliseconds. */
const PATIENCE = 5_000;
/** The oldest MongoDB that production mode runs on. */
const OLDEST_MAJOR = 7;

/** A database that others run, named by `MONGODB_URI`. Once named, no other is tried: data must not end up elsewhere. */
export const external: Engine = {
  way: 'Set MONGODB_URI to a MongoDB 7 or later, for example MONGODB_URI=mongodb://127.0.0.1:27017/stile?replicaSet=rs0.',

  async start({ mongodbUri, production = false }) {
    if (mongodbUri === undefined) return { reason: 'MONGODB_URI is not set' };
    const facts = await ask(mongodbUri);
    if (production) refuseUnfit(facts);
    return {
      engine: {
        name: `MongoDB ${facts.version} at ${facts.hosts}`,
        uri: mongodbUri,
        pid: null,
        stop: async () => undefined,
        died: new Promise(() => undefined),
      },
    };
  },
};

interface Facts {
  readonly version: string;
  readonly replicated: boolean;
  /** Without user and password. */
  readonly hosts: string;
}

async function ask(uri: string): Promise<Facts> {
  let client;
  try {
    client = new mongoose.mongo.MongoClient(uri, { serverSelectionTimeoutMS: PATIENCE });
    await client.connect();
    const admin = client.db('admin');
    // The old name of `hello`: every server knows it.
    const hello = await admin.command({ isMaster: 1 });
    const { version } = (await admin.command({ buildInfo: 1 })) as unknown as { version: string };
    // `isdbgrid` is how a router of a sharded cluster, whose shards are replica sets, says hello.
    const replicated = typeof hello.setName === 'string' || hello.msg === 'isdbgrid';
    return { version, replicated, hosts: client.options.hosts.join(',') };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DatabaseRefused(`The database that MONGODB_URI names does not answer: ${why}`, { cause });
  } finally {
    await client?.close();
  }
}

function refuseUnfit({ version, replicated }: Facts): void {
  if (!replicated) {
    throw new DatabaseRefused(
      'Production mode needs a replica set (one member is enough to start with), because an acknowledged write must ' +
        'survive a failover: start mongod with --replSet rs0, run rs.initiate(), and add ?replicaSet=rs0 to MONGODB_URI.',
    );
  }
  if (Number.parseInt(version, 10) < OLDEST_MAJOR) {
    throw new DatabaseRefused(
      `Production mode needs MongoDB ${OLDEST_MAJOR} or later; MONGODB_URI leads to ${version}.`,
    );
  }
}
