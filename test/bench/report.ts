import type { Figure } from './rounds.ts';

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
}

/** CPU that a sign-in may cost beyond its hash, database included; milliseconds (DESIGN 7). */
const BEYOND_HASH_MS = 12;

const two = (value: number) => value.toFixed(2);
const ms = (value: number) => `${value.toFixed(1)} ms`;

/** @returns the table as Markdown, ratios first: milliseconds are those of this machine alone */
export function report(results: Results, database: string): string {
  const { hash, signIn, pages, people, rounds, databaseMeasured } = results;
  const beyond = signIn.wholeMs - hash.serverMs;
  const rows = [
    row(
      `sign-in, ${people} people at once: CPU beyond the hash`,
      'one hash',
      beyond / hash.serverMs,
      '<=',
      BEYOND_HASH_MS / hash.serverMs,
      `${ms(hash.serverMs)} + ${ms(beyond)}`,
    ),
    row(
      `sign-in, ${people} people at once: rate`,
      'hashes alone',
      signIn.rate / hash.rate,
      '>=',
      0.5,
      `${signIn.rate.toFixed(0)} of ${hash.rate.toFixed(0)} a second`,
    ),
    ...(
      [
        ['refresh with rotation', results.refresh, 0.65],
        ['introspection', results.introspection, 0.55],
        ['userinfo', results.userinfo, 0.5],
      ] as const
    ).flatMap(([name, { stile, bare }, aim]) => [
      row(
        `${name}: operations a CPU second`,
        'bare oidc-provider, in memory',
        bare.serverMs / stile.serverMs,
        '>=',
        aim,
        `${ms(bare.serverMs)}, ${ms(stile.serverMs)}`,
      ),
      row(
        `${name}: the same, database included`,
        'bare oidc-provider, in memory',
        bare.serverMs / stile.wholeMs,
        '',
        null,
        `${ms(bare.serverMs)}, ${ms(stile.wholeMs)}`,
      ),
    ]),
    row('page, p95: alone', '30 ms', pages.alone / 30, '<=', 1, ms(pages.alone)),
    row(
      `page, p95: while ${pages.signIns} sign-ins hash`,
      '50 ms',
      pages.hashing / 50,
      '<=',
      1,
      ms(pages.hashing),
    ),
  ];
  return [
    `Medians of ${rounds} interleaved rounds. Database: ${database}${databaseMeasured ? '' : ', its CPU NOT measured'}.`,
    '',
    '| measured | beside | ratio | aim | here |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    'Not measured yet: enforcing a policy on 10,000 agents, pages of settings, and',
    'tables of 100,000 and 1,000,000 accounts.',
  ].join('\n');
}

function row(
  measured: string,
  beside: string,
  ratio: number,
  sense: '<=' | '>=' | '',
  aim: number | null,
  here: string,
): string {
  const missed = aim !== null && (sense === '<=' ? ratio > aim : ratio < aim);
  const verdict = aim === null ? '' : `${sense} ${two(aim)}${missed ? ' MISSED' : ''}`;
  return `| ${measured} | ${beside} | ${two(ratio)} | ${verdict} | ${here} |`;
}
