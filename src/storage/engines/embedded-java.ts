import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { dataDirInUse, type Engine } from './engine.ts';
import { launch } from './engine-process.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../../..');
const pom = join(root, 'tools/embedded-mongo/pom.xml');
const source = join(root, 'tools/embedded-mongo/EmbeddedMongo.java');

/** Heap of the server; it is 150 MB resident with that. */
const HEAP = '-Xmx256m';

/** A MongoDB-compatible server in Java that keeps its data in `DATA_DIR/embedded.mv.db`; its libraries come by Maven. */
export const embeddedJava: Engine = {
  way: 'Install Java 17 or later (a JDK) and Maven: Stile then runs its embedded database (Debian: apt-get install default-jdk-headless maven).',

  async start({ dataDir, port = 0, say }) {
    const libraries = await findLibraries(say);
    if ('reason' in libraries) return libraries;
    if (dataDir !== undefined) await mkdir(dataDir, { recursive: true });

    const file = dataDir === undefined ? '-' : join(dataDir, 'embedded.mv.db');
    const flags = [HEAP, '-XX:+UseSerialGC', '-cp', join(libraries.path, '*')];
    const started = await launch({
      command: 'java',
      args: [...flags, source, String(port), file],
      match: /^(READY \d+|FAILED \w+)$/,
    });
    if (!started.ready) {
      return { reason: started.notFound ? 'no java on the PATH' : `java gave up: ${started.output}` };
    }
    const [word, detail = ''] = started.ready[0].split(' ');
    if (word === 'FAILED') {
      await started.process.stop();
      if (detail === 'locked' && dataDir !== undefined) throw dataDirInUse(dataDir);
      return { reason: `the embedded database could not start (${detail})` };
    }
    const { pid, stop, died } = started.process;
    const place = dataDir === undefined ? 'in memory' : `in ${dataDir}`;
    return {
      engine: {
        name: `embedded database (Java) ${place}`,
        uri: `mongodb://127.0.0.1:${detail}`,
        pid,
        stop,
        died,
      },
    };
  },
};

/**
 * The jars that the pom pins, fetched once per version of the pom. Made beside and then renamed, so that two starts at
 * once, or one that is cut off, leave no half folder behind.
 */
async function findLibraries(say?: (text: string) => void): Promise<{ path: string } | { reason: string }> {
  const version = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex')
    .slice(0, 12);
  const cache = join(root, 'node_modules/.cache/stile');
  const path = join(cache, `embedded-mongo-${version}`);
  if (existsSync(path)) return { path };

  say?.('fetching the libraries of the embedded database, once');
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, 'draft-'));
  try {
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${draft}`];
    await run('mvn', ['--batch-mode', '--quiet', '--file', pom, ...goal], { timeout: 300_000 });
    await rename(draft, path);
    return { path };
  } catch (error) {
    if (existsSync(path)) return { path };
    return { reason: whyNoLibraries(error as NodeJS.ErrnoException & { stdout?: string }) };
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

function whyNoLibraries(error: NodeJS.ErrnoException & { stdout?: string }): string {
  if (error.code === 'ENOENT')
    return 'no mvn (Maven) on the PATH to fetch the libraries of the embedded database with';
  const said = error.stdout?.split('\n').find((line) => line.includes('ERROR')) ?? error.message;
  return `Maven could not fetch the libraries of the embedded database: ${said.trim()}`;
}
