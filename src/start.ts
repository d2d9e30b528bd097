import cluster from 'node:cluster';
import { resolve } from 'node:path';
import closeWithGrace from 'close-with-grace';
import type { Logger } from 'pino';
import { createApp } from './app.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { systemClock } from './core/clock.ts';
import type { DevelopmentPages } from './http/development-pages.ts';
import { createLogger } from './http/log.ts';
import { findKeys, KeyFileError } from './key-file.ts';
import type { Keys } from './keys.ts';
import { startManagement } from './management.ts';
import { banner } from './process/banner.ts';
import { keepDatabase } from './process/keep-database.ts';
import { prepareDatabase } from './process/prepare-database.ts';
import { announceDatabase } from './process/running-file.ts';
import { startSampleApp } from './process/sample-app.ts';
import { metricsOfWorkers, tellPrimary } from './process/shared-metrics.ts';
import { portError, PortError, serve } from './process/web-server.ts';
import { startWorkers } from './process/workers.ts';
import { ProvisioningError } from './provisioning/load.ts';
import { readinessChecks } from './readiness.ts';
import { connectDatabase } from './storage/database.ts';
import { DatabaseRefused } from './storage/engines/engine.ts';
import { IndexError } from './storage/indexes.ts';

/** How long what is being answered may take once we are to stop; milliseconds. The requests' own deadline is 5 s. */
const DRAIN_MS = 6_000;
/** After this everything is cut off; milliseconds. */
const STOP_MS = 15_000;

/** What was started, each with how it is ended; the last one started ends first. */
class Running {
  #parts: (() => Promise<void>)[] = [];
  draining = false;

  add(stop: () => Promise<void>): void {
    this.#parts.push(stop);
  }

  async stop(log: Logger): Promise<void> {
    this.draining = true;
    const parts = this.#parts.splice(0).reverse();
    for (const stop of parts) await stop().catch((err: unknown) => log.error({ err }, 'while stopping'));
  }
}

/** What an entry of the process brings. */
export interface Besides {
  /** Loaded outside production only. */
  readonly developmentPages?: () => Promise<DevelopmentPages>;
}

/** What one process is started with. */
interface Start extends Besides {
  readonly config: Config;
  readonly log: Logger;
  readonly running: Running;
}

/** One that answers people: connects, wires, listens. Alone, or one of several. */
async function startServing({ config, log, running, developmentPages }: Start, keys: Keys, uri: string) {
  const { connection, close } = await connectDatabase(uri);
  running.add(close);
  const pages = config.mode === 'production' ? undefined : await developmentPages?.();
  const app = await createApp({ config, keys, connection, clock: systemClock, log }, pages);
  running.add(() => app.close());
  const server = await serve(app.callback(), config.port, 'PORT', config.listenOn);
  running.add(() => server.drain(DRAIN_MS));
  return { connection, metrics: app.stores.operations.metrics };
}

/** Everything that there is once: database, provisioning, workers, management port, sample app, the banner. */
async function startAll(start: Start): Promise<void> {
  const { config, log, running } = start;
  const keys = await findKeys(config);
  const { mongodbUri, dataDir } = config;
  const database = await keepDatabase(
    {
      mongodbUri,
      dataDir: resolve(dataDir),
      production: config.mode === 'production',
      say: (text) => log.info(text),
    },
    { log, onLost: (why) => process.emit('uncaughtException', why) },
  );
  running.add(database.stop);
  if (database.ours) running.add(await announceDatabase(dataDir, database.uri));
  const prepared = await prepareDatabase({ config, keys, database, clock: systemClock, log });
  running.add(prepared.stop);

  const alone = config.workers === 1;
  const metrics = alone
    ? (await startServing(start, keys, database.uri)).metrics.text
    : await startSeveral(config, database.uri, log, running);

  const management = await startManagement({
    port: config.managementPort,
    ...(config.listenOn === undefined ? {} : { host: config.listenOn }),
    checks: readinessChecks({ connection: prepared.connection, keys, indexesReady: () => true }),
    draining: () => running.draining,
    metrics,
  }).catch((error: unknown) => {
    throw portError(error, config.managementPort, 'MANAGEMENT_PORT');
  });
  running.add(() => management.close());

  const { client, people } = prepared.demo;
  if (client === null && config.demoAppPort !== 0) {
    log.warn({ port: config.demoAppPort }, 'no sample app: PROVISION names no client at this port');
  }
  const sampleApp =
    client === null || config.demoAppPort === 0
      ? null
      : await startSampleApp(config.demoAppPort, {
          ISSUER: config.issuer.origin,
          ...(config.listenOn === undefined ? {} : { HOST: '127.0.0.1' }),
          CLIENT_ID: client.id,
          ...(client.secret === null ? {} : { CLIENT_SECRET: client.secret }),
        });
  if (sampleApp) running.add(sampleApp.stop);

  if (config.mode === 'production') return log.info({ port: config.port }, 'ready');
  console.log(
    banner({
      issuer: config.issuer.origin,
      sampleApp: sampleApp?.url ?? null,
      management: `http://localhost:${management.port}`,
      database: database.name,
      mailbox: config.showsMailbox,
      people,
    }),
  );
}

async function startSeveral(config: Config, uri: string, log: Logger, running: Running) {
  const workers = await startWorkers(config.workers, { env: { MONGODB_URI: uri }, log });
  running.add(() => workers.stop(STOP_MS - 2_000));
  return metricsOfWorkers();
}

async function startWorker(start: Start): Promise<void> {
  const keys = await findKeys(start.config);
  const { metrics } = await startServing(start, keys, start.config.mongodbUri ?? '');
  tellPrimary(metrics.registry);
}

/** Errors whose message is written for the person who starts us; any other is a defect and keeps its stack. */
const isForPeople = (error: unknown) =>
  [ConfigError, KeyFileError, DatabaseRefused, IndexError, PortError, ProvisioningError].some(
    (kind) => error instanceof kind,
  );

function explain(error: unknown): void {
  const text = isForPeople(error) ? (error as Error).message : error;
  console.error(cluster.isPrimary ? text : `A worker: ${String(text)}`);
}

/** Starts this process, the primary or a worker, and ends it with 1 where that fails. */
export async function start(besides: Besides = {}): Promise<void> {
  const running = new Running();
  try {
    const config = readConfig();
    const log = createLogger({ level: config.logLevel });
    closeWithGrace({ delay: STOP_MS, logger: false }, async ({ err }) => {
      if (err) log.fatal({ err }, 'stopping');
      await running.stop(log);
    });
    // The command that started us (tools/run.mjs), or the primary of a worker, is gone: nobody would stop us any more.
    if (process.channel) process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
    process.channel?.unref();
    const all = { ...besides, config, log, running };
    await (cluster.isPrimary ? startAll(all) : startWorker(all));
  } catch (error) {
    explain(error);
    await running.stop(createLogger({ level: 'error' }));
    process.exit(1);
  }
}
