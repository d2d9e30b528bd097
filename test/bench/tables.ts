import { atOnce } from './at-once.ts';
import { machineAt } from './machine.ts';
import { startProcess } from './measured-process.ts';
import { costOf, totalOf, type Cost } from './rounds.ts';
import { placeOf, type Place } from './sign-ins.ts';
import type { Tokens } from './app.ts';
import { REQUESTS, tokenWork } from './token-work.ts';

const ROUNDS = 4;
const SIGN_INS = 32;
/** Token holders and callers of the API at once. */
const CALLERS = 8;
const LISTS = 120;
const WARM_UP = 64;

export const OPERATIONS = ['sign-in', 'refresh', 'introspection', 'agent list'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** What each operation costs in a tenant of one size: CPU of server and database; milliseconds. */
export interface Table {
  readonly accounts: number;
  readonly costs: Readonly<Record<Operation, number>>;
}

interface Measured extends Place {
  readonly accounts: number;
  readonly rounds: Record<Operation, Cost[]>;
  /** One page of the tenant's agents. */
  list(): Promise<void>;
}

async function open(accounts: number, env: Readonly<Record<string, string>>): Promise<Measured> {
  const place = await placeOf(startProcess('stile-process.ts', env));
  await place.stile.call('fill', accounts);
  await place.prepare(WARM_UP + ROUNDS * SIGN_INS);
  const { agents, headers } = await machineAt(place);
  return {
    ...place,
    accounts,
    rounds: { 'sign-in': [], refresh: [], introspection: [], 'agent list': [] },
    async list() {
      const { status } = await place.send(agents, { headers });
      if (status !== 200) throw new Error(`the list of agents answered ${status}`);
    },
  };
}

/**
 * The same work in one tenant of each size, in turn: whatever grows with the table is no index.
 * @param databaseCpu null where it cannot be measured
 */
export async function measureTables(
  sizes: readonly number[],
  env: Readonly<Record<string, string>>,
  databaseCpu: () => Promise<number | null>,
): Promise<Table[]> {
  const places = await Promise.all(sizes.map((accounts) => open(accounts, env)));
  const lists = ({ list }: Measured) => atOnce(CALLERS, Array.from({ length: LISTS }), list);

  async function round(place: Measured): Promise<void> {
    const { stile, app, rounds } = place;
    let tokens: Tokens[] = [];
    const signing = async () => (tokens = (await place.signIns(SIGN_INS)).slice(0, CALLERS));
    const work: Record<Operation, [number, () => Promise<unknown>]> = {
      'sign-in': [SIGN_INS, signing],
      introspection: [REQUESTS, () => tokenWork.introspection(app, tokens)],
      refresh: [REQUESTS, () => tokenWork.refresh(app, tokens)],
      'agent list': [LISTS, () => lists(place)],
    };
    for (const [name, [operations, run]] of Object.entries(work))
      rounds[name as Operation].push(await costOf(stile, operations, run, databaseCpu));
  }

  try {
    for (const place of places) {
      const tokens = (await place.signIns(WARM_UP)).slice(0, CALLERS);
      await tokenWork.introspection(place.app, tokens);
      await tokenWork.refresh(place.app, tokens);
      await lists(place);
    }
    for (let done = 0; done < ROUNDS; done += 1) for (const place of places) await round(place);
    return places.map(({ accounts, rounds }) => ({
      accounts,
      costs: {
        'sign-in': totalOf(rounds['sign-in']),
        refresh: totalOf(rounds.refresh),
        introspection: totalOf(rounds.introspection),
        'agent list': totalOf(rounds['agent list']),
      },
    }));
  } finally {
    for (const { stile } of places) {
      await stile.call('close');
      stile.stop();
    }
  }
}
