// Builds views/assets into views/assets/build: bundled, minified, named by content, compressed beforehand.
// `npm run build`; the start and the tests call `buildAssets`, which does nothing when nothing changed.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { constants, brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { AssetManifest } from '../src/http/assets.ts';

const root = join(import.meta.dirname, '..');
const sourceDir = join(root, 'views', 'assets');
export const buildDir = join(sourceDir, 'build');

/** The oldest browsers that sign-in supports fully: those of 2022. */
const TARGETS = ['chrome100', 'firefox100', 'safari15.4'];

/** Characters of SHA-256 in a file name. */
const HASH_LENGTH = 10;

const digest = (...parts: (string | Buffer)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
};

/** @returns names in `views/assets` that pages refer to; `lib/` holds what the scripts share */
async function entryNames(): Promise<string[]> {
  const names = await readdir(sourceDir);
  return names.filter((name) => ['.css', '.js', '.svg'].includes(extname(name))).sort();
}

/** @returns a digest of all that decides the output: our files, this tool, and the versions of what it bundles */
async function sourceDigest(): Promise<string> {
  const names = await readdir(sourceDir, { recursive: true, withFileTypes: true });
  const files = names
    .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(buildDir))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const packages = ['esbuild', '@simplewebauthn/browser'].map((name) =>
    join(root, 'node_modules', name, 'package.json'),
  );
  const inputs = [...files, ...packages, import.meta.filename];
  return digest(...(await Promise.all(inputs.map((file) => readFile(file)))));
}

async function bundle(name: string): Promise<Buffer> {
  const path = join(sourceDir, name);
  if (extname(name) === '.svg') return readFile(path);
  const result = await build({
    entryPoints: [path],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    // A style sheet is only made smaller: rules that a browser does not know are an improvement it goes without.
    target: extname(name) === '.css' ? 'esnext' : TARGETS,
    legalComments: 'none',
    logLevel: 'warning',
  });
  const [output] = result.outputFiles;
  if (!output) throw new Error(`esbuild made nothing of ${name}`);
  return Buffer.from(output.contents);
}

async function write(name: string, content: Buffer): Promise<string> {
  const extension = extname(name);
  const file = `${name.slice(0, -extension.length)}.${digest(content).slice(0, HASH_LENGTH)}${extension}`;
  const brotli = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  await writeFile(join(buildDir, file), content);
  await writeFile(join(buildDir, `${file}.br`), brotli);
  await writeFile(join(buildDir, `${file}.gz`), gzipSync(content, { level: 9 }));
  return file;
}

async function builtFrom(): Promise<string | null> {
  try {
    const manifest = JSON.parse(await readFile(join(buildDir, 'manifest.json'), 'utf8')) as AssetManifest;
    return manifest.source;
  } catch {
    return null;
  }
}

/**
 * Builds if anything changed. Safe to run twice at once: files are named by content, the manifest is put in place last.
 * @returns the folder of the built files
 */
export async function buildAssets(): Promise<string> {
  const source = await sourceDigest();
  if ((await builtFrom()) === source) return buildDir;
  await mkdir(buildDir, { recursive: true });
  const names = await entryNames();
  const files = await Promise.all(
    names.map(async (name) => [name, await write(name, await bundle(name))] as const),
  );
  const manifest: AssetManifest = { source, files: Object.fromEntries(files) };
  const scratch = join(buildDir, `manifest.${process.pid}.json`);
  await writeFile(scratch, JSON.stringify(manifest, null, 2));
  await rename(scratch, join(buildDir, 'manifest.json'));
  await removeOld(new Set(Object.values(manifest.files)));
  return buildDir;
}

async function removeOld(current: ReadonlySet<string>): Promise<void> {
  for (const file of await readdir(buildDir)) {
    const base = file.replace(/\.(br|gz)$/, '');
    if (!current.has(base) && !file.startsWith('manifest')) await rm(join(buildDir, file), { force: true });
  }
}

if (process.argv[1] === import.meta.filename) await buildAssets();
