/** What a rung of the database ladder is asked for. */
export interface EngineRequest {
  /** Where data are kept; undefined = nothing outlives the engine (tests). */
  readonly dataDir?: string | undefined;
  /** TCP port on loopback; 0 or absent = a free one. */
  readonly port?: number;
  /** Address of a database that somebody else runs. */
  readonly mongodbUri?: string | undefined;
  /** Memory of an engine that runs in a virtual machine, for more data than it is made for (measurements). */
  readonly heapMegabytes?: number;
  /** Demands what only a real deployment has: a replica set, and a version that is still maintained. */
  readonly production?: boolean;
  /** Told before something that takes long, such as a download. */
  readonly say?: (text: string) => void;
}

/** A database that answers. */
export interface RunningEngine {
  /** For people, such as `MongoDB 8.0.4 at db1.example.com`. */
  readonly name: string;
  readonly uri: string;
  /** Process that we started; null when the database is somebody else's. */
  readonly pid: number | null;
  /** Ends what we started, everything written. Twice is the same as once. */
  readonly stop: () => Promise<void>;
  /** Settles when the process ends without being asked to; the value says how. Never settles after `stop`. */
  readonly died: Promise<string>;
}

/** Not possible here is a value: the next rung is tried, and the reason is kept for the message. */
export type Start = { readonly engine: RunningEngine } | { readonly reason: string };

/** One way to come by a database: a rung of the ladder. */
export interface Engine {
  /** How the message that names all ways calls it. */
  readonly way: string;
  /**
   * @returns the running database, or why there is none this way
   * @throws DatabaseRefused when the way was chosen, but what it leads to must not be used: no other is tried then
   */
  start(request: EngineRequest): Promise<Start>;
}

/** There is a database, and it must not be used as it is. The message says why and what to do. */
export class DatabaseRefused extends Error {
  override readonly name = 'DatabaseRefused';
}

/** @returns the refusal for a data directory that a living process holds */
export function dataDirInUse(dataDir: string): DatabaseRefused {
  return new DatabaseRefused(
    `The data in ${dataDir} are in use by another running Stile. Stop that one first, or give this one a directory ` +
      'of its own: DATA_DIR=./data-2 (and other ports: PORT, MANAGEMENT_PORT, DEMO_APP_PORT).',
  );
}
