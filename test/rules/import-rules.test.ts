import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '../..');
const CRUISE = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

const found = z.object({
  modules: z.array(
    z.object({ source: z.string(), dependencies: z.array(z.object({ resolved: z.string() })) }),
  ),
  summary: z.object({
    violations: z.array(z.object({ from: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

/** What dependency-cruiser says of the folder `src` below `root`. */
async function cruise(root: string) {
  const args = [CRUISE, 'src', '--config', join(ROOT, '.dependency-cruiser.cjs'), '--output-type', 'json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  }).catch((error: unknown) => error as { stdout: string }); // it exits with the number of violations
  return found.parse(JSON.parse(stdout));
}

/** [file that is planted, what it imports, the rule that has to catch it] */
const PLANTED: readonly (readonly [file: string, target: string, rule: string])[] = [
  ['src/core/planted.ts', 'src/storage/vault.ts', 'core-imports'],
  ['src/storage/planted.ts', 'src/accounts/account.ts', 'storage-imports'],
  ['src/audit/planted.ts', 'src/accounts/account.ts', 'audit-imports'],
  ['src/attempts/planted.ts', 'src/accounts/account.ts', 'attempts-imports'],
  ['src/outbox/planted.ts', 'src/notifications/mail.ts', 'outbox-imports'],
  ['src/tenants/planted.ts', 'src/accounts/account.ts', 'tenants-imports'],
  ['src/http/planted.ts', 'src/sign-in/sign-in.ts', 'http-imports'],
  ['src/notifications/planted.ts', 'src/accounts/account.ts', 'notifications-imports'],
  ['src/accounts/planted.ts', 'src/tenants/tenant.ts', 'accounts-imports'],
  ['src/provider/planted.ts', 'src/sign-in/sign-in.ts', 'provider-imports'],
  ['src/second-factor/planted.ts', 'src/set-up/set-up.ts', 'second-factor-imports'],
  ['src/set-up/planted.ts', 'src/sign-in/sign-in.ts', 'set-up-imports'],
  ['src/sign-in/planted.ts', 'src/security-settings/goal.ts', 'sign-in-imports'],
  ['src/security-settings/planted.ts', 'src/sign-in/sign-in.ts', 'security-settings-imports'],
  ['src/mail-links/planted.ts', 'src/admin/permissions.ts', 'mail-links-imports'],
  ['src/admin/planted.ts', 'src/console/page.ts', 'admin-imports'],
  ['src/console/planted.ts', 'src/api/endpoint.ts', 'console-imports'],
  ['src/api/planted.ts', 'src/console/page.ts', 'api-imports'],
  ['src/provisioning/planted.ts', 'src/admin/permissions.ts', 'provisioning-imports'],
  ['src/process/planted.ts', 'src/sign-in/sign-in.ts', 'process-imports'],
  ['src/cli/planted.ts', 'src/sign-in/sign-in.ts', 'cli-imports'],
  ['src/sign-in/planted-2.ts', 'src/stores.ts', 'sign-in-imports'],
  ['src/sign-in/planted-wiring.ts', 'src/console/page.ts', 'sign-in-wires'],
  ['src/unnamed/planted.ts', 'src/core/clock.ts', 'every-folder-is-named'],
  ['src/console/planted-2.ts', 'src/admin/wiring.ts', 'only-wiring-opens-wiring'],
  ['src/accounts/planted-2.ts', 'koa', 'domain-knows-no-web'],
  ['src/sign-in/planted-3.ts', 'src/http/go-to.ts', 'domain-knows-no-web'],
  ['src/accounts/planted-3.ts', 'src/storage/database.ts', 'only-stores-know-storage'],
  ['src/console/planted-3.ts', 'mongoose', 'only-stores-know-the-driver'],
  ['src/http/planted-2.ts', 'mongoose', 'only-stores-know-the-driver'],
  ['src/sign-in/planted-store.ts', 'koa', 'stores-know-no-web'],
  ['src/sign-in/planted-4.ts', 'src/sign-in/sign-in-store.ts', 'only-wiring-opens-a-store'],
  ['src/console/planted-4.ts', 'nunjucks', 'only-http-renders'],
  ['src/console/planted-5.ts', 'oidc-provider', 'only-the-provider-and-routes-know-the-protocol'],
  [
    'src/second-factor/security-key/planted.ts',
    'src/second-factor/recovery-code/recovery-code.ts',
    'a-method-is-an-island',
  ],
  ['src/sign-in/planted-5.ts', 'src/second-factor/security-key/webauthn.ts', 'only-the-list-opens-a-method'],
  ['src/stranger.ts', 'src/app.ts', 'only-main-opens-the-app'],
  ['src/core/planted-2.ts', 'test/planted.ts', 'src-never-imports-test'],
  ['src/core/planted-4.ts', 'chai', 'src-needs-what-is-installed'],
  ['src/core/planted-3.ts', 'src/core/planted-3.ts', 'no-cycles'],
];

const folderOf = (path: string): string | undefined => /^src\/([^/]+)\//.exec(path)?.[1];

/** Folders that lead back to themselves by what they import. */
function circleOf(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const reach = (from: string, seen = new Set<string>()): Set<string> => {
    for (const to of edges.get(from) ?? [])
      if (!seen.has(to)) {
        seen.add(to);
        reach(to, seen);
      }
    return seen;
  };
  return [...edges.keys()].filter((folder) => reach(folder).has(folder));
}

describe('the import rules', function () {
  this.timeout(60_000);

  let root: string;
  let broken: Set<string>;
  before('plants a violation of each in a copy', async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'stile-rules-')));
    await cp(join(ROOT, 'src'), join(root, 'src'), { recursive: true });
    for (const file of ['tsconfig.json', 'package.json']) await cp(join(ROOT, file), join(root, file));
    await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    await mkdir(join(root, 'test'));
    await writeFile(join(root, 'test/planted.ts'), 'export {};\n');
    for (const [file, target] of PLANTED) {
      await mkdir(join(root, dirname(file)), { recursive: true });
      const path = /^(src|test)\//.test(target) ? relative(dirname(file), target) : target;
      const from = path === target || path.startsWith('.') ? path : `./${path}`;
      await writeFile(join(root, file), `import '${from}';\n`);
    }
    const { summary } = await cruise(root);
    broken = new Set(summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`));
  });
  after(() => rm(root, { recursive: true, force: true }));

  for (const [file, target, rule] of PLANTED) {
    it(`${rule}: ${file} must not import ${target}`, () => {
      expect([...broken]).to.include(`${file}: ${rule}`);
    });
  }

  it('each have a planted violation', async () => {
    const config = await readFile(join(ROOT, '.dependency-cruiser.cjs'), 'utf8');
    const names = [...config.matchAll(/forbid\(\s*'([^']+)'/g)].map(([, name]) => name);
    const folders = await readdir(join(ROOT, 'src'), { withFileTypes: true });
    const imports = folders.filter((one) => one.isDirectory()).map(({ name }) => `${name}-imports`);
    expect(PLANTED.map(([, , rule]) => rule)).to.include.members([...names, ...imports]);
  });

  it('hold, and no folders form a circle', async () => {
    const { modules, summary } = await cruise(ROOT);
    expect(summary.violations).to.deep.equal([]);
    const edges = new Map<string, Set<string>>();
    for (const { source, dependencies } of modules)
      for (const { resolved } of dependencies) {
        const [from, to] = [folderOf(source), folderOf(resolved)];
        if (!from || !to || from === to) continue;
        edges.set(from, (edges.get(from) ?? new Set()).add(to));
      }
    expect(edges.size).to.be.greaterThan(10);
    expect(circleOf(edges)).to.deep.equal([]);
  });
});
