// `npm run bench`: what Stile costs, beside what cannot be saved. One run, rounds of everything in turn, medians of the
// rounds, loopback only. Servers and database are processes of their own; the measurer's work is in no figure but the
// rates, which it lowers for both sides alike.
import { generate } from 'otplib';
import { sharedEngine } from '../support/database.ts';
import { appAt, type Tokens } from './app.ts';
import { atOnce } from './at-once.ts';
import { sender } from './http.ts';
import { cpuOf, startProcess } from './measured-process.ts';
import { report, type Results } from './report.ts';
import { costOf, figureOf, type Cost } from './rounds.ts';
import { median, p95 } from './statistics.ts';
import { REQUESTS, tokenWork, type TokenOperation } from './token-work.ts';

/** People who sign in at once. */
const PEOPLE = 16;
const ROUNDS = 7;
const SIGN_INS = 48;
/** People whose tokens are used at once. */
const CALLERS = 8;
const PAGE_ROUNDS = 3;
const HASHING = 200;
const WARM_UP = 96;
/** Pages that are rendered: as the gallery shows them, through the whole server. */
const PAGES = ['a1-default', 'a2-default'];
/** A page is asked for so often while people sign in; milliseconds. */
const PAGE_EVERY_MS = 25;

const engine = await sharedEngine();
const stile = startProcess('stile-process.ts', { MONGODB_URI: engine.uri });
const bare = startProcess('bare-process.ts');
try {
  console.log(report(await measure(), engine.name));
} finally {
  await stile.call('close');
  stile.stop();
  bare.stop();
  await engine.stop();
}

async function measure(): Promise<Results> {
  const { base, password, appSecret } = (await stile.call('address')) as Record<
    'base' | 'password' | 'appSecret',
    string
  >;
  const { base: bareBase } = (await bare.call('address')) as { base: string };
  const send = sender(base);
  const app = appAt(base, send);
  const bareApp = appAt(bareBase, sender(bareBase));
  const databaseCpu = () => cpuOf(engine.pid);

  const people = Array.from(
    { length: WARM_UP + ROUNDS * SIGN_INS + PAGE_ROUNDS * HASHING },
    (_, index) => `agent-${index}@northwind.example`,
  );
  await stile.call('people', people);

  /** An app code counts once a person: everybody signs in once. */
  const signIns = (count: number) =>
    atOnce(PEOPLE, people.splice(0, count), async (email) =>
      app.signIn([{ email, password }, { code: await generate({ secret: appSecret }) }]),
    );
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

  for (let round = 0; round < ROUNDS; round += 1) {
    costs.hash.push(await costOf(stile, SIGN_INS, () => hashes(SIGN_INS)));
    let tokens: Tokens[] = [];
    const signing = async () => (tokens = (await signIns(SIGN_INS)).slice(0, CALLERS));
    costs.signIn.push(await costOf(stile, SIGN_INS, signing, databaseCpu));
    const bareTokens = await bareSignIns();
    await tokenRound('introspection', tokens, bareTokens);
    await tokenRound('userinfo', tokens, bareTokens);
    await tokenRound('refresh', tokens, bareTokens);
  }

  const alone: number[] = [];
  const hashing: number[] = [];
  for (let round = 0; round < PAGE_ROUNDS; round += 1) {
    let done = false;
    const page = async (index: number) => {
      const started = performance.now();
      const { status } = await send(`/__gallery/${PAGES[index % PAGES.length]}`);
      if (status !== 200) throw new Error(`a page answered ${status}`);
      return performance.now() - started;
    };
    const pagesUntil = async (enough: (index: number) => boolean) => {
      const times: Promise<number>[] = [];
      for (let index = 0; !enough(index); index += 1) {
        times.push(page(index));
        await new Promise((resolve) => setTimeout(resolve, PAGE_EVERY_MS));
      }
      return p95(await Promise.all(times));
    };
    alone.push(await pagesUntil((index) => index === 100));
    const rush = signIns(HASHING).finally(() => (done = true));
    hashing.push(await pagesUntil(() => done));
    await rush;
  }

  const token = (kind: TokenOperation) => ({
    stile: figureOf(costs[kind].stile),
    bare: figureOf(costs[kind].bare),
  });
  return {
    people: PEOPLE,
    rounds: ROUNDS,
    databaseMeasured: costs.signIn.every(({ databaseMs }) => databaseMs !== null),
    hash: figureOf(costs.hash),
    signIn: figureOf(costs.signIn),
    refresh: token('refresh'),
    introspection: token('introspection'),
    userinfo: token('userinfo'),
    pages: { alone: median(alone), hashing: median(hashing), sideBySide: HASHING },
  };
}
