// Entry of `npm start`, `npm test`, `npm run bench` and `npm run cli` on whatever Node a machine has (18 or later):
// installs what is missing, then hands over to the Node 24 that the project brings.
import { createHash } from 'node:crypto';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = join(root, 'node_modules', '.bin');
const marker = join(root, 'node_modules', '.installed');

const entries = {
  start: ['src/main.ts'],
  cli: ['src/cli.ts'],
  test: ['tools/check.ts'],
  bench: ['test/bench/sign-in.bench.ts'],
};

/** Installs when the lock file is not the one that node_modules was made from. */
function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === lock) return;
  console.error('Installing dependencies, once ...');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (npm.status !== 0) process.exit(npm.status ?? 1);
  writeFileSync(marker, lock);
}

const [command, ...rest] = process.argv.slice(2);
const entry = entries[command];
if (!entry) {
  console.error(`usage: node tools/run.mjs ${Object.keys(entries).join('|')}`);
  process.exit(2);
}
install();

const child = spawn(join(bin, 'node'), [...entry, ...rest], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
    // Password hashing shares libuv's pool with token signing (SECURITY DR-22).
    UV_THREADPOOL_SIZE: process.env.UV_THREADPOOL_SIZE ?? '16',
  },
});
// A terminal sends Ctrl-C to both; the child drains, and we wait for it.
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => signal === 'SIGTERM' && child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
