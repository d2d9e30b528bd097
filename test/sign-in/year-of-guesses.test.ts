import { expect } from 'chai';
import { type AttemptStore, createAttempts } from '../../src/attempts/attempts.ts';
import type { Slot } from '../../src/attempts/slot.ts';
import type { SecondFactorMethod } from '../../src/second-factor/method.ts';
import { createLimits } from '../../src/sign-in/limits.ts';

const HOUR = 60 * 60;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
/** Of 10^6 codes these are right at any moment. */
const RIGHT = 3;

/** What `attemptStore` does, in memory. */
function memory(): AttemptStore {
  const rows = new Map<string, Slot>();
  return {
    async recent(groups, since, limit) {
      const found = [...rows.values()].filter(({ group, at }) => groups.includes(group) && at >= since);
      return found.sort((a, b) => Number(b.at) - Number(a.at)).slice(0, limit);
    },
    async take(slots) {
      if (slots.some(({ id }) => rows.has(id))) return false;
      for (const slot of slots) rows.set(slot.id, slot);
      return true;
    },
    async giveBack(slots) {
      for (const { id } of slots) rows.delete(id);
    },
    countRefused: async () => ({ count: 1, before: 0 }),
    async clear(failures) {
      for (const { group, by } of failures)
        for (const row of [...rows.values()])
          if (row.group === group && (by === undefined || row.by === by)) rows.delete(row.id);
    },
  };
}

/** Budgets ask a method for no more. */
const APP = { budget: 'second-factor' } as SecondFactorMethod;
const ANA = { tenantId: 'northwind', accountId: 'ana', email: 'ana@northwind.example' };
const KEY = `${ANA.tenantId}/${ANA.email}`;

describe('a year of guesses at app codes by somebody who has the password', () => {
  let now: number;
  let limits: ReturnType<typeof createLimits>;
  beforeEach(() => {
    now = Date.UTC(2026, 0, 5);
    const clock = () => new Date(now);
    limits = createLimits(createAttempts({ store: memory(), key: Buffer.alloc(32, 7), clock }));
  });

  const from = { source: '192.0.2.0/24', sourceHost: '192.0.2.7/32', reference: 'r', device: null };
  const stranger = (place: string) => ({
    ...from,
    knownAccounts: [],
    deviceIds: new Map<string, string>(),
    place,
  });
  const known = (place: string, id = 'own') => ({
    ...from,
    knownAccounts: [KEY],
    deviceIds: new Map([[KEY, id]]),
    place,
  });
  type Visitor = ReturnType<typeof known>;

  /** One right code. @returns seconds that it had to wait for its turn */
  async function signIn(visitor: Visitor, mistakes = 0): Promise<number> {
    const began = now;
    for (let i = 0; i <= mistakes;) {
      const guess = await limits.secondFactor.reserve(ANA, APP, visitor);
      if (!guess.ok) {
        if (guess.suspended) return Infinity;
        now += guess.retryAfterSeconds * 1000;
      } else i += 1;
    }
    await limits.completed(ANA, visitor);
    return (now - began) / 1000;
  }

  /** Guesses whenever a guess is to be had until `end`, each time in a sign-in of its own. @returns how often */
  async function guessUntil(end: number, visitor: (place: string) => Visitor): Promise<number> {
    let guesses = 0;
    while (now < end) {
      const guess = await limits.secondFactor.reserve(ANA, APP, visitor(`theirs ${now} ${guesses}`));
      if (guess.ok) guesses += 1;
      else if (guess.suspended) now = end;
      else now = Math.min(end, now + guess.retryAfterSeconds * 1000);
    }
    return guesses;
  }

  async function year(attacker: (place: string) => Visitor, owner: (place: string) => Visitor) {
    let guesses = 0;
    let longest = 0;
    for (const end = now + YEAR * 1000; now < end;) {
      guesses += await guessUntil(now + DAY * 1000, attacker);
      longest = Math.max(longest, await signIn(owner(`hers ${now}`), guesses % 3));
    }
    return { guesses, longest, chance: 1 - (1 - RIGHT / 1e6) ** guesses };
  }

  it('gives them 80 guesses, 0.024 %, and its owner never waits in a known browser', async () => {
    const { guesses, longest, chance } = await year(stranger, known);
    expect({ guesses, longest }).to.deep.equal({ guesses: 80, longest: 0 });
    expect(chance).to.be.below(0.0003);
  }).timeout(30_000);

  it('gives them 100, 0.03 %, where they also read the mails and made a browser of theirs known', async () => {
    const { guesses, chance } = await year((place) => known(place, 'theirs'), known);
    expect(guesses).to.equal(100);
    expect(chance).to.be.below(0.0003);
  }).timeout(30_000);

  it('makes its owner wait for an hour at most for a guess of their own, whatever they mistype', async () => {
    let longest = 0;
    for (let failures = 0; failures < 19;) {
      const guess = await limits.secondFactor.reserve(ANA, APP, known('hers'));
      if (guess.ok) failures += 1;
      else {
        expect(guess.suspended).to.equal(false);
        longest = Math.max(longest, guess.retryAfterSeconds);
        now += guess.retryAfterSeconds * 1000;
      }
    }
    expect(longest).to.be.within(1, HOUR);
    expect(await signIn(known('hers'))).to.be.at.most(HOUR);
    expect(await signIn(known('hers')), 'and forgives them all').to.equal(0);
  });
});
