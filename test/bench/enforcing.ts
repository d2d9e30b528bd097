import { machineAt } from './machine.ts';
import { startProcess } from './measured-process.ts';
import { PEOPLE, placeOf } from './sign-ins.ts';
import { median } from './statistics.ts';

/** A contact center, and those of it who are signed in without a second factor. */
export const AGENTS = 10_000;
export const SESSIONS = 3_000;
const ROUNDS = 3;
/** Sign-ins beside a clean-up end with it, but are no more than these. */
const MOST_SIGN_INS = 320;

export interface Enforcing {
  /** From the request to the answer; milliseconds. */
  readonly answerMs: number;
  /** Until the last session was deleted; milliseconds. */
  readonly cleanUpMs: number;
  /** Sign-ins a second, of people who have a second factor. */
  readonly alone: number;
  readonly beside: number;
}

/** Requires two factors of many at once, while others sign in. @param env where the database is */
export async function measureEnforcing(env: Readonly<Record<string, string>>): Promise<Enforcing> {
  const stile = startProcess('stile-process.ts', env);
  try {
    const place = await placeOf(stile);
    const machine = await machineAt(place);
    await stile.call('fill', AGENTS);
    await place.prepare(PEOPLE * 6 + ROUNDS * 2 * MOST_SIGN_INS);
    await place.signIns(PEOPLE * 6);

    /** Signs people in until `over`. @returns sign-ins a second */
    async function rate(over: () => Promise<boolean>): Promise<number> {
      const started = performance.now();
      let done = 0;
      do done += (await place.signIns(PEOPLE)).length;
      while (done < MOST_SIGN_INS && !(await over()));
      return done / ((performance.now() - started) / 1000);
    }

    const rounds: Enforcing[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const last = await stile.call('crowd', SESSIONS);
      const isOver = async () => !(await stile.call('isSignedIn', last));
      if (await isOver()) throw new Error('nobody is signed in');
      let before = 0;
      const alone = await rate(() => Promise.resolve((before += 1) === 5));
      const answerMs = await machine.savePolicy('required');
      const saved = performance.now();
      const beside = await rate(isOver);
      while (!(await isOver())) await new Promise((resolve) => setTimeout(resolve, 50));
      rounds.push({ answerMs, cleanUpMs: performance.now() - saved, alone, beside });
      await machine.savePolicy('optional');
    }
    const each = (of: keyof Enforcing) => median(rounds.map((round) => round[of]));
    const besides = median(rounds.map(({ alone, beside }) => beside / alone));
    const alone = each('alone');
    return {
      answerMs: each('answerMs'),
      cleanUpMs: each('cleanUpMs'),
      alone,
      beside: besides * alone,
    };
  } finally {
    await stile.call('close');
    stile.stop();
  }
}
