import { generate } from 'otplib';
import { appAt, type App, type Tokens } from './app.ts';
import { atOnce } from './at-once.ts';
import { sender, type Send } from './http.ts';
import type { MeasuredProcess } from './measured-process.ts';

/** People who sign in at once. */
export const PEOPLE = 16;

/** A Stile with its app, and people who sign in to it. */
export interface Place {
  readonly stile: MeasuredProcess;
  readonly base: string;
  readonly send: Send;
  readonly app: App;
  /** Makes people for so many sign-ins: an app code counts once a person. */
  prepare(count: number): Promise<void>;
  /** The next of them sign in, `PEOPLE` at once. @returns their tokens */
  signIns(count: number): Promise<Tokens[]>;
  /** What somebody types on each page of a sign-in. */
  answers(email: string): Promise<Record<string, string>[]>;
}

export async function placeOf(stile: MeasuredProcess): Promise<Place> {
  const told = (await stile.call('address')) as Record<'base' | 'password' | 'appSecret', string>;
  const { base, password, appSecret } = told;
  const send = sender(base);
  const app = appAt(base, send);
  const left: string[] = [];
  let made = 0;
  const answers = async (email: string) => [
    { email, password },
    { code: await generate({ secret: appSecret }) },
  ];
  return {
    stile,
    base,
    send,
    app,
    answers,
    async prepare(count) {
      const emails = Array.from({ length: count }, () => `agent-${(made += 1)}@northwind.example`);
      await stile.call('people', emails);
      left.push(...emails);
    },
    signIns: (count) =>
      atOnce(PEOPLE, left.splice(0, count), async (email) => app.signIn(await answers(email))),
  };
}
