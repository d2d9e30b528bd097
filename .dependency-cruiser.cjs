// Who may import whom. Read the slices top down: an upper one may import a lower one, never the reverse and never
// a neighbour on its own level. `provider` (but for the pure files about clients) and `http` are the web; `storage` and
// `*-store.ts` are the database.
const order = [
  ['provisioning', 'admin'],
  ['sign-in', 'security-settings', 'mail-links'],
  ['set-up'],
  ['second-factor'],
  ['tenants', 'accounts', 'attempts', 'outbox'],
  ['audit', 'notifications'],
];
const slice = `^src/(${order.flat().join('|')})/`;
const wiring =
  '^src/(main|start|app|cli|stores|operations|management|second-factor/methods)[.]ts$|^src/cli/|[/-]wiring[.]ts$';
const web =
  'node_modules/(koa|@koa/|nunjucks|oidc-provider|@types/(koa|nunjucks|oidc-provider))|^src/(http|provider)/(?!clients?(-metadata)?[.]ts)|-routes[.]ts$';
const database = 'node_modules/(mongoose|mongodb)/|^src/storage/|-store[.]ts$';
const forbid = (name, from, to) => ({ name, severity: 'error', from, to });

module.exports = {
  forbidden: [
    forbid('no-cycles', {}, { circular: true }),
    forbid('core-is-a-leaf', { path: '^src/core/' }, { path: '^src/(?!core/)' }),
    forbid('domain-knows-no-web', { path: slice, pathNot: ['-routes[.]ts$', wiring] }, { path: web }),
    forbid(
      'domain-knows-no-database',
      { path: slice, pathNot: ['-store[.]ts$', wiring] },
      { path: database },
    ),
    forbid('http-knows-no-database', { path: '^src/http/' }, { path: database }),
    forbid(
      'storage-knows-no-web',
      { path: '^src/storage/|-store[.]ts$', pathNot: '^src/provider/' },
      { path: web },
    ),
    forbid(
      'only-wiring-opens-a-store',
      { path: '^src/', pathNot: [wiring, '-store[.]ts$'] },
      { path: '-store[.]ts$' },
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
      { path: '^src/(app|start|main)[.]ts$' },
    ),
    forbid('src-never-imports-test', { path: '^src/' }, { path: '^(test|tools|examples)/' }),
    // The image has no development dependencies; the one engine fetches its own when it is asked, never in production.
    forbid(
      'src-needs-what-is-installed',
      { path: '^src/', pathNot: '^src/storage/engines/memory-server[.]ts$' },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], pathNot: 'node_modules/@types/' },
    ),
    ...order.flatMap((level, i) =>
      level.flatMap((name) => {
        const above = [...order.slice(0, i).flat(), ...level.filter((other) => other !== name)];
        return above.length
          ? [forbid(`${name}-points-down`, { path: `^src/${name}/` }, { path: `^src/(${above.join('|')})/` })]
          : [];
      }),
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
