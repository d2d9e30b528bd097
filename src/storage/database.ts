import mongoose, { type Connection, type ConnectOptions } from 'mongoose';
import { endWaitsOfClosedSockets } from './closing-socket.ts';

endWaitsOfClosedSockets();

// A field that no schema knows is a mistake of ours or an attack: it throws, in documents and in filters.
mongoose.set('strict', 'throw');
mongoose.set('strictQuery', 'throw');
// An object that came from outside cannot become an operator (`email[$ne]=`); ours are marked by `mongoose.trusted`.
mongoose.set('sanitizeFilter', true);
mongoose.set('runValidators', true);
// Indexes are made and checked by `ensureIndexes` alone.
mongoose.set('autoIndex', false);
mongoose.set('autoCreate', false);
/** How long the server may work on one query of a model; milliseconds. */
mongoose.set('maxTimeMS', 2000);

/** Every wait for the database is bounded; milliseconds. */
const options = {
  bufferCommands: false,
  serverSelectionTimeoutMS: 2000,
  connectTimeoutMS: 2000,
  socketTimeoutMS: 5000,
  waitQueueTimeoutMS: 1000,
  maxPoolSize: 50,
  // What was acknowledged survives a failover: a spent code stays spent, a removed key stays removed.
  writeConcern: { w: 'majority' },
  readPreference: 'primary',
} as const satisfies ConnectOptions;

export interface Database {
  readonly connection: Connection;
  readonly close: () => Promise<void>;
}

/**
 * Connects, and waits until the database has answered once.
 * @param dbName default: the one in `uri`, else `stile`
 * @param patient for work that may take minutes, such as building indexes: no limit on the wait for an answer
 * @throws what `isDatabaseAway` recognises when there is no answer within 2 s
 */
export async function connectDatabase(
  uri: string,
  { dbName = databaseOf(uri), patient = false }: { dbName?: string; patient?: boolean } = {},
): Promise<Database> {
  const limits = patient ? { ...options, socketTimeoutMS: 0 } : options;
  const connection = mongoose.createConnection(uri, { ...limits, dbName });
  try {
    await connection.asPromise();
  } catch (error) {
    await connection.destroy();
    throw error;
  }
  return { connection, close: () => connection.close() };
}

/** @returns the database that a connection string names (its path), else `stile` */
function databaseOf(uri: string): string {
  return /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(uri)?.[1] ?? 'stile';
}

/**
 * Errors of the driver and of mongoose that say: no answer, not now. Classes of the driver are known by their name,
 * because mongoose hands them on without exporting them all.
 */
const awayNames: ReadonlySet<string> = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoServerSelectionError',
  'MongooseServerSelectionError',
  'MongoWaitQueueTimeoutError',
  'MongoOperationTimeoutError',
  'MongoTopologyClosedError',
  'MongoNotConnectedError',
  'MongoClientClosedError',
]);

/**
 * Codes of the server that say the same (mongo/src/mongo/base/error_codes.yml): MaxTimeMSExpired, WriteConcernTimeout,
 * UnsatisfiableWriteConcern, ShutdownInProgress, PrimarySteppedDown, ExceededTimeLimit, NotWritablePrimary,
 * InterruptedAtShutdown, InterruptedDueToReplStateChange, NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary.
 */
const awayCodes: ReadonlySet<unknown> = new Set([
  50, 64, 91, 100, 189, 262, 10107, 11600, 11602, 13435, 13436,
]);

/**
 * The driver wraps whatever stops a write of several documents, and loses its class on the way. Without a word of the
 * server about a document there was no answer, or too few have it (`err`).
 */
function isUnansweredBulkWrite(error: Error): boolean {
  if (error.name !== 'MongoBulkWriteError') return false;
  const { code, err, writeErrors } = error as {
    code?: unknown;
    err?: { code?: unknown };
    writeErrors?: unknown;
  };
  if (err) return awayCodes.has(err.code);
  return code === undefined && Array.isArray(writeErrors) && writeErrors.length === 0;
}

/** @returns true when `error`, or what caused it, means that the database is away or too slow, not that we are wrong */
export function isDatabaseAway(error: unknown): boolean {
  for (let depth = 0; depth < 5 && error instanceof Error; depth += 1) {
    if (awayNames.has(error.name) || isUnansweredBulkWrite(error)) return true;
    if (error.name.startsWith('Mongo') && 'code' in error && awayCodes.has(error.code)) return true;
    // mongoose, with bufferCommands off, before the first connection or after the last.
    if (error.name === 'MongooseError' && error.message.includes('bufferCommands = false')) return true;
    error = error.cause;
  }
  return false;
}
