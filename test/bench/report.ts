import { AGENTS, SESSIONS, type Enforcing } from './enforcing.ts';
import type { Figure } from './rounds.ts';
import { OPERATIONS, type Table } from './tables.ts';

interface Pair {
  readonly stile: Figure;
  readonly bare: Figure;
}

export interface Results {
  readonly people: number;
  readonly rounds: number;
  readonly databaseMeasured: boolean;
  readonly hash: Figure;
  readonly signIn: Figure;
  readonly refresh: Pair;
  readonly introspection: Pair;
  readonly userinfo: Pair;
  /** 95 of 100 pages are there within so many milliseconds. */
  readonly pages: { readonly alone: number; readonly hashing: number; readonly signIns: number };
  readonly enforcing: Enforcing;
  /** Smallest first. */
  readonly tables: readonly Table[];
}

/** CPU that a sign-in may cost beyond its hash, database included; milliseconds. */
const BEYOND_HASH_MS = 12;
/** How much more an operation may cost in a table of any size, and sign-ins beside a clean-up. */
const FLAT = 1.2;
const NOT_SLOWED = 0.9;

const two = (value: number) => value.toFixed(2);
const ms = (value: number) => `${value.toFixed(value < 1 ? 2 : 1)} ms`;
const count = (value: number) => value.toLocaleString('en');

interface Row {
  readonly measured: string;
  readonly beside: string;
  readonly ratio: number;
  /** Absent = told for what it is. */
  readonly aim?: readonly [sense: '<=' | '>=', value: number];
  readonly here: string;
}

function signInRows({ hash, signIn, people }: Results): Row[] {
  const [beyond, server] = [signIn.wholeMs - hash.serverMs, signIn.serverMs - hash.serverMs];
  const what = `sign-in, ${people} people at once`;
  return [
    {
      measured: `${what}: CPU beyond the hash`,
      beside: 'one hash',
      ratio: beyond / hash.serverMs,
      aim: ['<=', BEYOND_HASH_MS / hash.serverMs],
      here: `${ms(hash.serverMs)} + ${ms(beyond)}`,
    },
    {
      measured: `${what}: the same, without the database`,
      beside: 'one hash',
      ratio: server / hash.serverMs,
      here: `${ms(hash.serverMs)} + ${ms(server)}`,
    },
    {
      measured: `${what}: rate`,
      beside: 'hashes alone',
      ratio: signIn.rate / hash.rate,
      aim: ['>=', 0.5],
      here: `${signIn.rate.toFixed(0)} of ${hash.rate.toFixed(0)} a second`,
    },
  ];
}

function tokenRows(name: string, { stile, bare }: Pair, aim: number): Row[] {
  const beside = 'bare oidc-provider, in memory';
  return [
    {
      measured: `${name}: operations a CPU second`,
      beside,
      ratio: bare.serverMs / stile.serverMs,
      aim: ['>=', aim],
      here: `${ms(bare.serverMs)}, ${ms(stile.serverMs)}`,
    },
    {
      measured: `${name}: the same, database included`,
      beside,
      ratio: bare.serverMs / stile.wholeMs,
      here: `${ms(bare.serverMs)}, ${ms(stile.wholeMs)}`,
    },
  ];
}

function pageRows({ pages }: Results): Row[] {
  const row = (when: string, value: number, most: number): Row => ({
    measured: `page, p95: ${when}`,
    beside: `${most} ms`,
    ratio: value / most,
    aim: ['<=', 1],
    here: ms(value),
  });
  return [row('alone', pages.alone, 30), row(`while ${pages.signIns} people sign in`, pages.hashing, 50)];
}

function enforcingRows({ enforcing: { answerMs, cleanUpMs, alone, beside } }: Results): Row[] {
  const what = `requiring two factors of ${count(AGENTS)}, ${count(SESSIONS)} signed in`;
  return [
    {
      measured: `${what}: answer`,
      beside: '1 s',
      ratio: answerMs / 1000,
      aim: ['<=', 1],
      here: ms(answerMs),
    },
    {
      measured: `${what}: sign-ins beside its clean-up`,
      beside: 'sign-ins alone',
      ratio: beside / alone,
      aim: ['>=', NOT_SLOWED],
      here: `${beside.toFixed(0)}, ${alone.toFixed(0)} a second; cleaned up in ${ms(cleanUpMs)}`,
    },
  ];
}

function tableRows({ tables }: Results): Row[] {
  const [first, ...larger] = tables;
  if (!first) return [];
  return larger.flatMap(({ accounts, costs }) =>
    OPERATIONS.map((operation) => ({
      measured: `${operation}: CPU in a tenant of ${count(accounts)}`,
      beside: `of ${count(first.accounts)}`,
      ratio: costs[operation] / first.costs[operation],
      aim: ['<=', FLAT] as const,
      here: `${ms(costs[operation])}, ${ms(first.costs[operation])}`,
    })),
  );
}

function line({ measured, beside, ratio, aim, here }: Row): string {
  const missed = aim && (aim[0] === '<=' ? ratio > aim[1] : ratio < aim[1]);
  const verdict = aim ? `${aim[0]} ${two(aim[1])}${missed ? ' MISSED' : ''}` : '';
  return `| ${measured} | ${beside} | ${two(ratio)} | ${verdict} | ${here} |`;
}

/** @returns the table as Markdown, ratios first: milliseconds are those of this machine alone */
export function report(results: Results, database: string): string {
  const { rounds, databaseMeasured, refresh, introspection, userinfo } = results;
  const rows = [
    ...signInRows(results),
    ...tokenRows('refresh with rotation', refresh, 0.65),
    ...tokenRows('introspection', introspection, 0.55),
    ...tokenRows('userinfo', userinfo, 0.5),
    ...pageRows(results),
    ...enforcingRows(results),
    ...tableRows(results),
  ];
  return [
    `Medians of ${rounds} interleaved rounds. Database: ${database}${databaseMeasured ? '' : ', its CPU NOT measured'}.`,
    '',
    '| measured | beside | ratio | aim | here |',
    '|---|---|---|---|---|',
    ...rows.map(line),
  ].join('\n');
}
