// What the tests need from the machine beside Node: installed by apt where we may, else named.
import { spawnSync } from 'node:child_process';

interface Need {
  readonly why: string;
  /** Any one of these will do. */
  readonly commands: readonly string[];
  /** What Debian calls it. */
  readonly debian: string;
}

const needs: readonly Need[] = [
  { why: 'browser tests', commands: ['chromium', 'chromium-browser', 'google-chrome'], debian: 'chromium' },
  { why: 'the examples of docs/admin-api.md', commands: ['curl'], debian: 'curl' },
  ...(process.env.MONGODB_URI === undefined
    ? [
        { why: 'the embedded database', commands: ['javac'], debian: 'default-jdk-headless' },
        { why: 'fetching the embedded database', commands: ['mvn'], debian: 'maven' },
      ]
    : []),
];

const exists = (command: string) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
const isMissing = ({ commands }: Need) => !commands.some(exists);

function aptGet(...args: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // What apt says would hide the tests; its errors are wanted.
  return spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
}

/** Installs what is missing, or says what to install. The tests that need it then fail with the same words. */
export function provideTestNeeds(): void {
  let missing = needs.filter(isMissing);
  if (missing.length === 0) return;
  const packages = missing.map(({ debian }) => debian);
  if (process.getuid?.() === 0 && exists('apt-get')) {
    console.log(`Installing ${packages.join(', ')} ...`);
    aptGet('update', '-qq');
    aptGet('install', '-y', '-qq', '--no-install-recommends', ...packages);
    missing = needs.filter(isMissing);
  }
  for (const { why, commands, debian } of missing) {
    console.log(`Missing: ${commands[0] ?? debian}, for ${why}. On Debian: sudo apt-get install ${debian}`);
  }
}
