// `npm run bench`: what Stile costs, beside what cannot be saved. One run, rounds of everything in turn, medians of the
// rounds, loopback only. Servers and database are processes of their own; the measurer's work is in no figure but the
// rates, which it lowers for both sides alike. `npm run bench -- --million` adds a table of a million accounts.
import { findDatabase } from '../../src/storage/find-database.ts';
import { embeddedJava } from '../../src/storage/engines/embedded-java.ts';
import { appAt, type Tokens } from './app.ts';
import { atOnce } from './at-once.ts';
import { bigTenant } from './big-tenant.ts';
import { measureEnforcing } from './enforcing.ts';
import { sender } from './http.ts';
import { cpuOf, startProcess } from './measured-process.ts';
import { pageTimes, visitor, type PageTimes } from './page-times.ts';
import { report, type Results } from './report.ts';
import { costOf, figureOf, type Cost } from './rounds.ts';
import { PEOPLE, placeOf } from './sign-ins.ts';
import { median } from './statistics.ts';
import { measureTables } from './tables.ts';
import { REQUESTS, tokenWork, type TokenOperation } from './token-work.ts';

const ROUNDS = 7;
/** On a busy machine fewer rounds do, but never fewer than three; milliseconds since the start. */
const ROUNDS_UNTIL_MS = 100_000;
const FEWEST_ROUNDS = 3;
const SIGN_INS = 48;
/** People whose tokens are used at once. */
const CALLERS = 8;
const PAGE_ROUNDS = 3;
/** Sign-ins beside which pages are asked for. */
const HASHING = 200;
/** Sign-ins before anything is measured: until the database's code is compiled, too. */
const WARM_UP = 240;

const million = process.argv.includes('--million');
const SIZES = [1_000, 100_000, ...(million ? [1_000_000] : [])];
/** The embedded database has all of it in memory: some 8 KB an account. */
const heapMegabytes = million ? 12_000 : 3_000;

/** `MONGODB_URI` when it is set; else the embedded engine in memory. */
async function database() {
  const mongodbUri = process.env.MONGODB_URI;
  if (mongodbUri !== undefined) return findDatabase({ mongodbUri });
  const embedded = await embeddedJava.start({ heapMegabytes });
  return 'engine' in embedded ? embedded.engine : findDatabase({});
}

const engine = await database();
const env = { MONGODB_URI: engine.uri };
const databaseCpu = () => cpuOf(engine.pid);
try {
  const measured = await measure();
  const enforcing = await measureEnforcing(env);
  const tables = await measureTables(SIZES, env, databaseCpu);
  console.log(report({ ...measured, enforcing, tables }, engine.name));
  console.log(`\n${await bigTenant(engine.uri)}`);
} finally {
  await engine.stop();
}

async function measure(): Promise<Omit<Results, 'enforcing' | 'tables'>> {
  const stile = startProcess('stile-process.ts', env);
  const bare = startProcess('bare-process.ts');
  const place = await placeOf(stile);
  const { app, signIns } = place;
  const { base: bareBase } = (await bare.call('address')) as { base: string };
  const bareApp = appAt(bareBase, sender(bareBase));
  await place.prepare(WARM_UP + ROUNDS * SIGN_INS + PAGE_ROUNDS * HASHING);
  const bareSignIns = () => atOnce(CALLERS, Array.from({ length: CALLERS }), () => bareApp.signIn());
  const hashes = (count: number) => stile.call('hashes', { count, places: PEOPLE });

  const costs = {
    hash: [] as Cost[],
    signIn: [] as Cost[],
    refresh: { stile: [] as Cost[], bare: [] as Cost[] },
    introspection: { stile: [] as Cost[], bare: [] as Cost[] },
    userinfo: { stile: [] as Cost[], bare: [] as Cost[] },
  };

  async function tokenRound(kind: TokenOperation, tokens: Tokens[], bareTokens: Tokens[]) {
    const work = tokenWork[kind];
    costs[kind].bare.push(await costOf(bare, REQUESTS, () => work(bareApp, bareTokens)));
    costs[kind].stile.push(await costOf(stile, REQUESTS, () => work(app, tokens), databaseCpu));
  }

  // Compiled code and full pools are what is measured.
  await hashes(PEOPLE);
  const warm = (await signIns(WARM_UP)).slice(0, CALLERS);
  const bareWarm = await bareSignIns();
  for (const work of Object.values(tokenWork)) {
    await work(app, warm);
    await work(bareApp, bareWarm);
  }

  const enough = (round: number) =>
    round >= ROUNDS || (round >= FEWEST_ROUNDS && performance.now() > ROUNDS_UNTIL_MS);
  for (let round = 0; !enough(round); round += 1) {
    costs.hash.push(await costOf(stile, SIGN_INS, () => hashes(SIGN_INS)));
    let tokens: Tokens[] = [];
    const signing = async () => (tokens = (await signIns(SIGN_INS)).slice(0, CALLERS));
    costs.signIn.push(await costOf(stile, SIGN_INS, signing, databaseCpu));
    const bareTokens = await bareSignIns();
    await tokenRound('introspection', tokens, bareTokens);
    await tokenRound('userinfo', tokens, bareTokens);
    await tokenRound('refresh', tokens, bareTokens);
  }

  const pages: PageTimes[] = [];
  const browser = await visitor(place);
  for (let round = 0; round < PAGE_ROUNDS; round += 1)
    pages.push(await pageTimes(place, browser, () => signIns(HASHING)));

  await stile.call('close');
  for (const { stop } of [stile, bare]) stop();
  const token = (kind: TokenOperation) => ({
    stile: figureOf(costs[kind].stile),
    bare: figureOf(costs[kind].bare),
  });
  return {
    people: PEOPLE,
    rounds: costs.hash.length,
    databaseMeasured: costs.signIn.every(({ databaseMs }) => databaseMs !== null),
    hash: figureOf(costs.hash),
    signIn: figureOf(costs.signIn),
    refresh: token('refresh'),
    introspection: token('introspection'),
    userinfo: token('userinfo'),
    pages: {
      alone: median(pages.map(({ alone }) => alone)),
      hashing: median(pages.map(({ beside }) => beside)),
      signIns: HASHING,
    },
  };
}
