// `npm test`: type check, lint, import rules, format, then every test. The last line is the true count; a check that
// failed counts as one failed test.
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { embeddedClassPath } from '../src/storage/engines/embedded-build.ts';
import { buildAssets } from './build-assets.ts';
import { provideTestNeeds } from './test-needs.ts';

const root = join(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules', '.bin', name);

function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | null> {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.on('data', (chunk: Buffer) => {
      process.stdout.write(chunk);
      output += chunk.toString();
    });
    child.on('exit', (code) => resolve(code === 0 ? null : output));
  });
}

const checks: readonly [string, readonly string[]][] = [
  ['tsc', ['--noEmit']],
  ['eslint', ['.']],
  ['depcruise', ['src']],
  ['prettier', ['--check', '--log-level', 'warn', '.']],
];

/** @returns the names of the checks that failed */
async function check(): Promise<string[]> {
  const failed: string[] = [];
  for (const [name, args] of checks) {
    console.log(`\n> ${name}`);
    if ((await run(bin(name), args)) !== null) failed.push(name);
  }
  return failed;
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Runs mocha, which tells its counts last (tools/mocha-reporter.cjs).
 * @param live its output is printed as it comes; else when it has ended
 */
function test(args: readonly string[], live: boolean): Promise<Counts> {
  return new Promise((resolve) => {
    const reporter = ['--reporter', join(root, 'tools', 'mocha-reporter.cjs')];
    const out = live ? 'inherit' : 'pipe';
    const child = spawn(bin('mocha'), [...reporter, ...args], {
      cwd: root,
      env: { ...process.env, NODE_ENV: 'test' },
      stdio: ['ignore', out, out, 'ipc'],
    });
    const output: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => output.push(chunk));
    let counts = { passed: 0, failed: 1, skipped: 0 };
    child.on('message', (message) => (counts = message as typeof counts));
    child.on('close', (code) => {
      process.stdout.write(Buffer.concat(output));
      resolve(code === 0 || counts.failed > 0 ? counts : { ...counts, failed: 1 });
    });
  });
}

/** Parts that the test files are dealt into: many enough that two lanes end at about the same time. */
const PARTS = 8;

/** Every test, in two lanes: each takes the next part when it is through with one, with a database and a browser of its own. */
async function testAll(): Promise<Counts> {
  const files = globSync('test/**/*.test.ts', { cwd: root }).sort();
  const parts = Array.from({ length: PARTS }, (_, part) => files.filter((_file, i) => i % PARTS === part));
  const all: Counts[] = [];
  async function runLane(live: boolean): Promise<void> {
    for (let part = parts.shift(); part; part = parts.shift()) all.push(await test(part, live));
  }
  await Promise.all(
    Array.from({ length: Math.min(2, availableParallelism()) }, (_, lane) => runLane(lane === 0)),
  );
  const sum = (key: keyof Counts) => all.reduce((total, counts) => total + counts[key], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

const only = process.argv.slice(2);
const failed = only.length > 0 ? [] : await check();
provideTestNeeds();
await buildAssets();
// Once for both lanes. Where it cannot be had, the tests that need it say so.
if (process.env.MONGODB_URI === undefined) await embeddedClassPath(console.log);
console.log('\n> mocha');
const counts = await (only.length > 0 ? test(only, true) : testAll());
const total = counts.failed + failed.length;
if (failed.length > 0) console.log(`These checks failed: ${failed.join(', ')}`);
// Where everything that a test needs is installed, nothing may be left out.
const leftOut = process.env.CI === 'true' && counts.skipped > 0;
if (leftOut) console.log('Tests were skipped, which counts as a failure here.');
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
console.log(`${counts.passed} passed, ${total} failed${skipped}`);
process.exitCode = total > 0 || leftOut || counts.passed === 0 ? 1 : 0;
