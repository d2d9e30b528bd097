import { z } from 'zod';
import type { EnrolledMethod } from '../../../src/accounts/account.ts';
import type { Clock } from '../../../src/core/clock.ts';
import type { EnrollableId } from '../../../src/core/method-ids.ts';
import type { EnrolledFactor } from '../../../src/second-factor/running-factor.ts';

/** A word on a card. It stands in no list of types: the row that lists it is put in by the test. */
const TOY = 'toy' as EnrollableId;
const WORD = 'sesame';

/** A factor that is only there to show what a factor needs. It keeps what it needs in memory. */
export function toy(clock: Clock): EnrolledFactor {
  const cards = new Map<string, { id: string; name: string; addedAt: Date; lastUsedAt: null }>();
  const add = (accountId: string, name: string): EnrolledMethod => {
    const card = { id: `toy-${accountId}`, name, addedAt: clock(), lastUsedAt: null };
    cards.set(accountId, card);
    return { id: card.id, kind: TOY, addedAt: card.addedAt };
  };
  const isRight = (code: string | undefined) => code === WORD;

  return {
    method: {
      id: TOY,
      level: 2,
      budget: 'second-factor',
      isHeldBy: ({ methods }) => methods.some(({ kind }) => kind === TOY),
      begin: async () => ({ challenge: null, view: {} }),
      verify: async ({ accountId }, _challenge, { code }) =>
        isRight(code)
          ? { ok: true, amr: ['toy'], credentialId: `toy-${accountId}` }
          : { ok: false, reason: 'wrong', guess: true },
    },
    enrolment: {
      id: TOY,
      asksName: false,
      begin: async () => ({ challenge: {}, view: {} }),
      finish: async ({ accountId }, _tenant, _challenge, { code }) =>
        isRight(code)
          ? { ok: true, method: add(accountId, 'Toy card'), name: 'Toy card', amr: ['toy'] }
          : { ok: false, reason: 'wrong' },
      rename: async () => true,
      discard: async ({ accountId }) => void cards.delete(accountId),
    },
    provisioner: {
      kind: TOY,
      section: 'toys',
      noun: 'toy',
      called: 'toy card',
      entry: z.strictObject({ label: z.string() }),
      told: ({ accountId }, { label }: { label: string }) => ({ key: `toy-${accountId}`, label }),
      once: ({ label }: { label: string }) => ({ field: 'label', value: label, within: 'account' }),
      find: async ({ tenantId, accountId }, id) => ({ tenantId, accountId, id }),
      store: async ({ accountId }, { label }: { label: string }) => add(accountId, label),
      rename: async () => true,
      remove: async ({ accountId }) => cards.delete(accountId),
    },
    list: async ({ accountId }) => {
      const card = cards.get(accountId);
      return card ? [card] : [];
    },
  };
}
