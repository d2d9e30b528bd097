import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataDirInUse, type EngineRequest, type Start } from './engine.ts';
import { launch } from './engine-process.ts';

/**
 * mongod does not end when its input closes, so a shell watches the input for it: `$@` is the command, and what the
 * shell ends with is what mongod ended with.
 */
const untilInputCloses = 'exec 3<&0; "$@" & m=$!; (cat <&3; kill $m) >/dev/null 2>&1 & wait $m';

/** Runs a mongod that was found or fetched: loopback only, data in `DATA_DIR/mongo`, ended with us. */
export async function startMongod(
  binary: string,
  version: string,
  { dataDir, port = 0 }: EngineRequest,
): Promise<Start> {
  const dbPath =
    dataDir === undefined ? await mkdtemp(join(tmpdir(), 'stile-mongo-')) : join(dataDir, 'mongo');
  await mkdir(dbPath, { recursive: true });
  const chosen = port === 0 ? await freePort() : port;
  const place = ['--dbpath', dbPath, '--bind_ip', '127.0.0.1', '--port', String(chosen), '--nounixsocket'];
  const started = await launch({
    command: 'sh',
    args: ['-c', untilInputCloses, 'sh', binary, ...place, '--wiredTigerCacheSizeGB', '0.25'],
    match: /Waiting for connections/i,
  });
  const forget = async () => {
    if (dataDir === undefined) await rm(dbPath, { recursive: true, force: true });
  };
  if (!started.ready) {
    await forget();
    if (dataDir !== undefined && /DBPathInUse|Unable to lock/i.test(started.output))
      throw dataDirInUse(dataDir);
    return { reason: `${binary} gave up: ${started.output.split('\n').slice(-3).join(' ')}` };
  }
  const { pid, stop, died } = started.process;
  return {
    engine: {
      name: `MongoDB ${version} in ${dbPath}`,
      uri: `mongodb://127.0.0.1:${chosen}/?directConnection=true`,
      pid,
      died,
      async stop() {
        await stop();
        await forget();
      },
    },
  };
}

/** @returns a TCP port of loopback that was free a moment ago */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
