// Who may import whom: every folder of src with all that it may import, itself aside. What is not named is an error,
// and so is a folder that is not here. test/rules/import-rules.test.ts plants a violation of each.
const basics = ['core'];
const told = [...basics, 'storage', 'audit', 'notifications'];
const people = [...told, 'accounts', 'tenants', 'attempts'];
const MAY_IMPORT = {
  core: [],
  storage: basics,
  audit: [...basics, 'storage'],
  attempts: [...basics, 'storage'],
  outbox: [...basics, 'storage'],
  tenants: [...basics, 'storage', 'audit'],
  http: [...basics, 'tenants'],
  notifications: [...basics, 'storage', 'http'],
  accounts: told,
  provider: [...people, 'http'],
  'second-factor': people,
  'set-up': [...people, 'second-factor', 'http'],
  'sign-in': [...people, 'second-factor', 'set-up', 'http', 'provider'],
  'security-settings': [...people, 'second-factor', 'set-up', 'http', 'provider'],
  'mail-links': [...people, 'http'],
  admin: [...people, 'outbox', 'security-settings', 'mail-links', 'http', 'provider'],
  console: [...people, 'admin', 'security-settings', 'http', 'provider'],
  api: [...people, 'admin', 'security-settings', 'http', 'provider'],
  provisioning: [...people, 'second-factor', 'provider'],
  process: ['core', 'storage', 'provisioning'],
  cli: ['core', 'storage', 'accounts', 'tenants', 'admin', 'provider', 'provisioning', 'process', 'http'],
};
/** Files beside the folders that a folder may import; keys.ts holds types alone. */
const MAY_IMPORT_FILES = {
  audit: ['keys'],
  accounts: ['keys'],
  storage: ['keys'],
  'second-factor': ['keys'],
  provider: ['keys', 'config'],
  process: ['config', 'stores'],
  cli: ['config', 'keys', 'key-file', 'stores'],
};
/** What wires a slice may open what is wired before it. */
const WIRING_FILES = ['config', 'stores', 'sign-outs'];
const WIRING_FOLDERS = { 'mail-links': ['provider', 'sign-in'], api: [], admin: [] };

const folders = Object.keys(MAY_IMPORT);
const wiring = '[/-]wiring[.]ts$';
const top = '^src/(main|start|app|cli|stores|operations|management|second-factor/methods)[.]ts$|^src/cli/';
const opensStores = [top, wiring];
const pages = ['console', 'api', 'http', 'provider'];
const domain = `^src/(?!(?:${[...pages, 'core', 'storage', 'process', 'cli'].join('|')})/)[^/]+/`;
const web =
  'node_modules/(koa|@koa/|nunjucks|oidc-provider|@types/(koa|nunjucks|oidc-provider))|^src/(http|provider)/(?!clients?(-metadata)?[.]ts)|-routes[.]ts$';
const driver = 'node_modules/(mongoose|mongodb)/';
const forbid = (name, from, to) => ({ name, severity: 'error', from, to });
const exactly = (names, files) => [
  `^src/(${names.join('|')})/`,
  ...(files.length ? [`^src/(${files.join('|')})[.]ts$`] : []),
];

module.exports = {
  forbidden: [
    forbid('no-cycles', {}, { circular: true }),
    ...folders.flatMap((folder) => {
      const own = [folder, ...MAY_IMPORT[folder]];
      const files = MAY_IMPORT_FILES[folder] ?? [];
      const wired = exactly([...own, ...(WIRING_FOLDERS[folder] ?? [])], [...files, ...WIRING_FILES]);
      const from = `^src/${folder}/`;
      return [
        forbid(
          `${folder}-imports`,
          { path: from, pathNot: wiring },
          { path: '^src/', pathNot: exactly(own, files) },
        ),
        forbid(`${folder}-wires`, { path: `${from}.*${wiring}` }, { path: '^src/', pathNot: wired }),
      ];
    }),
    forbid('every-folder-is-named', { path: `^src/(?!(?:${folders.join('|')})/)[^/]+/` }, {}),
    forbid('only-wiring-opens-wiring', { path: '^src/[^/]+/', pathNot: wiring }, { path: wiring }),
    forbid('domain-knows-no-web', { path: domain, pathNot: ['-routes[.]ts$', wiring] }, { path: web }),
    forbid(
      'only-stores-know-storage',
      {
        path: '^src/[^/]+/',
        pathNot: ['-store[.]ts$', '^src/(storage|process|cli|provider)/', ...opensStores],
      },
      { path: '^src/storage/' },
    ),
    forbid(
      'only-stores-know-the-driver',
      {
        path: '^src/',
        pathNot: [
          '-store[.]ts$',
          '^src/(storage|process|cli)/',
          '^src/(readiness|operations|stores|second-factor/methods|provider/session-succession)[.]ts$',
        ],
      },
      { path: driver },
    ),
    forbid('stores-know-no-web', { path: '-store[.]ts$', pathNot: '^src/provider/' }, { path: web }),
    forbid(
      'only-wiring-opens-a-store',
      { path: '^src/', pathNot: [...opensStores, '-store[.]ts$'] },
      { path: '-store[.]ts$' },
    ),
    forbid(
      'only-http-renders',
      { path: '^src/', pathNot: '^src/http/' },
      { path: 'node_modules/(@types/)?nunjucks/' },
    ),
    forbid(
      'only-the-provider-and-routes-know-the-protocol',
      {
        path: '^src/',
        pathNot: ['^src/provider/', '-routes[.]ts$', wiring, '^src/(app[.]ts$|http/error-pages[.]ts$)'],
      },
      { path: 'node_modules/(@types/)?oidc-provider/' },
    ),
    forbid(
      'a-method-is-an-island',
      { path: '^src/second-factor/([^/]+)/' },
      { path: '^src/second-factor/[^/]+/', pathNot: '^src/second-factor/$1/' },
    ),
    forbid(
      'only-the-list-opens-a-method',
      { path: '^src/', pathNot: ['^src/second-factor/(methods[.]ts$|[^/]+/)', '^src/stores[.]ts$'] },
      { path: '^src/second-factor/[^/]+/' },
    ),
    forbid(
      'only-main-opens-the-app',
      { path: '^src/', pathNot: '^src/(main|start)[.]ts$' },
      { path: '^src/(app|main|start)[.]ts$' },
    ),
    forbid('src-never-imports-test', { path: '^src/' }, { path: '^(test|tools|examples)/' }),
    // The image has no development dependencies; the one engine fetches its own when it is asked, never in production.
    forbid(
      'src-needs-what-is-installed',
      { path: '^src/', pathNot: '^src/storage/engines/memory-server[.]ts$' },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], pathNot: 'node_modules/@types/' },
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.d.ts'],
      conditionNames: ['import', 'types', 'node'],
    },
  },
};
