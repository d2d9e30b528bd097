// Entry of `npm start`, `npm test`, `npm run bench` and `npm run cli` on whatever Node a machine has (18 or later):
// installs what is missing, then hands over to the Node 24 that the project brings.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = join(root, 'node_modules', '.bin');
const node = join(bin, 'node');
const marker = join(root, 'node_modules', '.installed');

const entries = {
  start: 'tools/start.ts',
  cli: 'src/cli.ts',
  test: 'tools/check.ts',
  bench: 'test/bench/sign-in.bench.ts',
};

/** Installs when the lock file is not the one that node_modules was made from. */
function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(marker) && existsSync(node) && readFileSync(marker, 'utf8') === lock) return;
  console.error('Installing dependencies (only the first time, and when they changed) ...');
  // Node 24 and what builds the pages are development dependencies: with NODE_ENV=production too.
  const npm = spawnSync('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (npm.error) return giveUp(`npm cannot be run: ${npm.error.message}`);
  if (npm.status !== 0) process.exit(npm.status ?? 1);
  if (!existsSync(node)) {
    giveUp(
      'npm installed no Node 24: the install script of the package "node" was not run (is ignore-scripts set?).',
    );
  }
  writeFileSync(marker, lock);
}

function giveUp(message) {
  console.error(message);
  process.exit(1);
}

/** Signals everything that the command started; nothing is left when the group is empty. */
function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

const [command = '', ...rest] = process.argv.slice(2);
const entry = Object.hasOwn(entries, command) ? entries[command] : undefined;
if (!entry) giveUp(`usage: node tools/run.mjs ${Object.keys(entries).join('|')}`);
if (process.platform === 'win32') giveUp('Stile runs on Linux and macOS; on Windows use WSL.');
install();

// Scripts and styles of the pages; nothing to do when they did not change.
if (command === 'start' || command === 'bench') {
  const built = spawnSync(node, ['tools/build-assets.ts'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (built.status !== 0) giveUp('The scripts and styles of the pages could not be built.');
}

// A command line tool may ask for a secret and stays with the terminal; the others get a process group of their own.
const ownGroup = command !== 'cli';
const child = spawn(node, [entry, ...rest], {
  cwd: root,
  detached: ownGroup,
  // Through the fourth, the child notices when we are killed.
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  env: {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
    // Password hashing shares libuv's pool with token signing.
    UV_THREADPOOL_SIZE: process.env.UV_THREADPOOL_SIZE ?? '16',
  },
});
child.on('error', (error) => giveUp(`Node 24 cannot be run: ${error.message}`));

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  // Without a group of its own the child got a Ctrl-C from the terminal itself.
  process.on(signal, () =>
    ownGroup ? signalGroup(child.pid, signal) : signal !== 'SIGINT' && child.kill(signal),
  );
}

// A shell between npm and us dies of a signal without passing it on: our new parent tells.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
}, 500).unref();

child.on('exit', (code, signal) => {
  if (ownGroup) signalGroup(child.pid, 'SIGKILL');
  process.exit(code ?? 128 + constants.signals[signal]);
});
