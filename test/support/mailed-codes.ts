import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import type { Idp, Person } from './idp.ts';

/**
 * @param count waits for so many
 * @returns the six digits of each mail to somebody who sets up a method, newest first
 */
export async function mailedCodes(idp: Idp, { account }: Person, count = 1): Promise<string[]> {
  for (let i = 0; i < 200; i += 1) {
    const mails = (await idp.app.stores.operations.mailbox?.newest(500)) ?? [];
    const codes = mails
      .filter(({ to }) => to === account.email)
      .flatMap(({ subject, text }) => {
        expect(subject, 'a lock screen shows it').not.to.match(/\d{6}/);
        return /asks for it: (\d{6})/.exec(text)?.[1] ?? [];
      });
    if (codes.length >= count) return codes;
    await setTimeout(50);
  }
  throw new Error('no mail');
}
