import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../../..');
const folder = join(root, 'tools/embedded-mongo');
const pom = join(folder, 'pom.xml');

/** The oldest Java that the embedded database runs on. */
const JAVA = '17';
/** A download over a slow line; milliseconds. */
const PATIENCE = 300_000;

/**
 * The class path of the embedded database. Its libraries are fetched and its classes compiled once per version of
 * their files (compiling at each start would take longer than the start itself). Made beside and then renamed, so
 * that two starts at once, or one that is cut off, leave no half folder behind.
 *
 * @param say told before it takes long
 */
export async function embeddedClassPath(
  say?: (text: string) => void,
): Promise<{ classPath: string } | { reason: string }> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.java')).sort();
  const sources = names.map((name) => join(folder, name));
  const files = await Promise.all([pom, ...sources].map((file) => readFile(file)));
  const version = createHash('sha256').update(Buffer.concat(files)).digest('hex').slice(0, 12);
  const cache = join(root, 'node_modules/.cache/stile');
  const path = join(cache, `embedded-mongo-${version}`);
  const done = { classPath: [join(path, 'classes'), join(path, '*')].join(delimiter) };
  if (existsSync(path)) return done;

  say?.('preparing the embedded database, once');
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, 'draft-'));
  try {
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${draft}`];
    await run('mvn', ['--batch-mode', '--quiet', '--file', pom, ...goal], { timeout: PATIENCE });
    const into = join(draft, 'classes');
    await run('javac', ['--release', JAVA, '-cp', join(draft, '*'), '-d', into, ...sources], {
      timeout: PATIENCE,
    });
    await rename(draft, path);
    return done;
  } catch (error) {
    return existsSync(path) ? done : { reason: why(error as Failure) };
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

type Failure = NodeJS.ErrnoException & { stdout?: string; stderr?: string };

function why({ code, path, stdout = '', stderr = '', message }: Failure): string {
  if (code === 'ENOENT' && path === 'mvn')
    return 'no mvn (Maven) on the PATH to fetch the embedded database with';
  if (code === 'ENOENT') return 'no javac on the PATH: a JDK is needed, not only a Java runtime';
  const said = `${stdout}\n${stderr}`.split('\n').find((line) => /error/i.test(line)) ?? message;
  return `the embedded database could not be prepared: ${said.trim()}`;
}
