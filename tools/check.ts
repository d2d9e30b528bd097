// `npm test`: type check, lint, import rules, format, then every test. The last line is the true count; a check that
// failed counts as one failed test.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
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

/** Runs mocha, which prints `STILE passed failed skipped` last (tools/mocha-reporter.cjs). */
function test(args: readonly string[]): Promise<{ passed: number; failed: number; skipped: number }> {
  return new Promise((resolve) => {
    const reporter = ['--reporter', join(root, 'tools', 'mocha-reporter.cjs')];
    const child = spawn(bin('mocha'), [...reporter, ...args], {
      cwd: root,
      env: { ...process.env, NODE_ENV: 'test' },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    let counts = { passed: 0, failed: 1, skipped: 0 };
    child.on('message', (message) => (counts = message as typeof counts));
    child.on('exit', (code) => resolve(code === 0 || counts.failed > 0 ? counts : { ...counts, failed: 1 }));
  });
}

const only = process.argv.slice(2);
const failed = only.length > 0 ? [] : await check();
provideTestNeeds();
await buildAssets();
console.log('\n> mocha');
const counts = await test(only.length > 0 ? only : ['test/**/*.test.ts']);
const total = counts.failed + failed.length;
if (failed.length > 0) console.log(`These checks failed: ${failed.join(', ')}`);
// Where everything that a test needs is installed, nothing may be left out.
const leftOut = process.env.CI === 'true' && counts.skipped > 0;
if (leftOut) console.log('Tests were skipped, which counts as a failure here.');
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
console.log(`${counts.passed} passed, ${total} failed${skipped}`);
process.exitCode = total > 0 || leftOut || counts.passed === 0 ? 1 : 0;
