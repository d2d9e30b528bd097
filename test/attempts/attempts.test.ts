import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { attemptCollection, attemptStore } from '../../src/attempts/attempt-store.ts';
import { type Attempts, createAttempts, type Reservation } from '../../src/attempts/attempts.ts';
import { BUDGETS, type BudgetName } from '../../src/attempts/budgets.ts';
import { ensureIndexes, sweep } from '../../src/storage/indexes.ts';
import { testDatabase, type TestDatabase } from '../support/database.ts';

const KEY = randomBytes(32);
/** The start of an hour, and of a quarter of it. */
const NINE = new Date('2026-11-02T09:00:00Z');

/** 200 callers at once are more than the connections that a busy machine serves in time: who is turned away comes back. */
async function insist<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'unavailable') throw error;
    }
  }
}

describe('guess budgets', () => {
  let database: TestDatabase;
  let attempts: Attempts;
  let now: Date;
  const open = () => createAttempts({ store: attemptStore(database.connection), key: KEY, clock: () => now });

  before(async () => {
    database = await testDatabase();
    await ensureIndexes(database.connection, [attemptCollection]);
  });
  after(() => database.drop());
  let who: string;
  beforeEach(() => {
    now = NINE;
    who = `northwind/${randomBytes(6).toString('hex')}`;
    attempts = open();
  });

  const wait = (seconds: number) => void (now = new Date(now.getTime() + seconds * 1000));
  const reserve = (name: BudgetName) => insist(() => attempts.reserve(name, who));
  const granted = (results: Reservation[]) => results.filter(({ ok }) => ok).length;

  async function fail(name: BudgetName, times: number): Promise<number> {
    let done = 0;
    for (let i = 0; i < times; i++) if ((await reserve(name)).ok) done += 1;
    return done;
  }

  /** Fails as fast as the budget allows. */
  async function failInARow(name: BudgetName, times: number): Promise<void> {
    for (let failures = 0; failures < times;) {
      const result = await reserve(name);
      if (result.ok) failures += 1;
      else wait(result.retryAfterSeconds);
    }
  }

  describe('under 200 callers at once', () => {
    type Limits = [BudgetName, { limit: number; seconds: number }][];
    for (const [name, { limit, seconds }] of Object.entries(BUDGETS) as Limits) {
      if (limit > 100) continue;
      it(`${name} gives exactly ${name === 'password-unknown-device' ? 6 : limit}`, async () => {
        const results = await Promise.all(Array.from({ length: 200 }, () => reserve(name)));
        // From the sixth failure on an unknown device has to wait, whatever is left of the window.
        expect(granted(results)).to.equal(name === 'password-unknown-device' ? 6 : limit);
        for (const result of results)
          if (!result.ok) expect(result.retryAfterSeconds).to.be.within(1, seconds);
      }).timeout(60_000);
    }

    it('gives exactly what is left after some were used', async () => {
      await fail('second-factor', 3);
      const results = await Promise.all(Array.from({ length: 200 }, () => reserve('second-factor')));
      expect(granted(results)).to.equal(2);
    });
  });

  it('refuses until the window ends, and says when that is', async () => {
    wait(60);
    expect(await fail('second-factor', 7)).to.equal(5);
    const refused = await reserve('second-factor');
    expect(refused).to.deep.equal({ ok: false, retryAfterSeconds: 14 * 60, suspended: false });
    expect(await attempts.waitOf('second-factor', who)).to.equal(14 * 60);
    wait(14 * 60);
    expect(await attempts.waitOf('second-factor', who)).to.equal(0);
    expect((await reserve('second-factor')).ok).to.equal(true);
  });

  it('gives back what succeeded, so that frequent sign-ins are never refused', async () => {
    for (let i = 0; i < 40; i++) {
      const result = await reserve('second-factor');
      if (!result.ok) throw new Error('refused');
      await result.succeed();
    }
    expect(await fail('second-factor', 9)).to.equal(5);
  });

  it('fills the gaps that successes leave, and never more', async () => {
    const taken = await Promise.all(Array.from({ length: 5 }, () => reserve('second-factor')));
    for (const result of taken.slice(0, 3)) if (result.ok) await result.succeed();
    expect(granted(await Promise.all(Array.from({ length: 50 }, () => reserve('second-factor'))))).to.equal(
      3,
    );
  });

  it('gives a slot back once, and never somebody else’s', async () => {
    const first = await reserve('second-factor');
    if (!first.ok) throw new Error('refused');
    await first.succeed();
    expect(await fail('second-factor', 5)).to.equal(5);
    await first.succeed();
    expect((await reserve('second-factor')).ok).to.equal(false);
  });

  it('keeps people, tenants and budgets apart', async () => {
    expect(await fail('second-factor', 9)).to.equal(5);
    expect((await attempts.reserve('second-factor', who.replace('northwind', 'fabrikam'))).ok).to.equal(true);
    expect((await attempts.reserve('second-factor', `${who}x`)).ok).to.equal(true);
    expect((await reserve('recovery')).ok).to.equal(true);
  });

  it('survives a restart', async () => {
    await fail('second-factor', 5);
    attempts = open();
    expect((await reserve('second-factor')).ok).to.equal(false);
  });

  it('starts afresh when it is cleared, for that person alone', async () => {
    const other = `${who}-other`;
    await fail('second-factor', 5);
    for (let i = 0; i < 5; i++) await attempts.reserve('second-factor', other);
    await attempts.clear(['second-factor', 'recovery'], who);
    expect(await fail('second-factor', 9)).to.equal(5);
    expect((await attempts.reserve('second-factor', other)).ok).to.equal(false);
  });

  it('lets four failures, a success and four failures pass', async () => {
    await fail('second-factor', 4);
    const right = await reserve('second-factor');
    if (!right.ok) throw new Error('refused');
    await right.succeed();
    await attempts.clear(['second-factor'], who);
    expect(await fail('second-factor', 4)).to.equal(4);
  });

  it('takes nothing by being asked how long to wait', async () => {
    for (let i = 0; i < 20; i++) expect(await attempts.waitOf('second-factor', who)).to.equal(0);
    expect(await fail('second-factor', 9)).to.equal(5);
  });

  it('holds no name in clear, and another key another name', async () => {
    await reserve('second-factor');
    const other = createAttempts({
      store: attemptStore(database.connection),
      key: randomBytes(32),
      clock: () => now,
    });
    for (let i = 0; i < 5; i++) expect((await other.reserve('second-factor', who)).ok).to.equal(true);
    const all = await database.connection.collection('attempts').find().toArray();
    expect(JSON.stringify(all)).to.not.include(who.split('/')[1]);
  });

  describe('for app codes', () => {
    it('give one guess an hour after 20 failures in a row', async () => {
      await failInARow('second-factor', 20);
      wait(3600);
      const results = await Promise.all(Array.from({ length: 50 }, () => reserve('second-factor')));
      expect(granted(results)).to.equal(1);
      expect(await attempts.waitOf('second-factor', who)).to.be.within(1, 3600);
      wait(3600);
      expect(granted(await Promise.all(Array.from({ length: 50 }, () => reserve('second-factor'))))).to.equal(
        1,
      );
    });

    it('are suspended after 80 failures in a row where the person never signed in, after 20 where they did', async () => {
      for (const [name, most] of [
        ['second-factor', 80],
        ['second-factor-known-device', 20],
      ] as const) {
        await failInARow(name, most - 1);
        wait(3600);
        const last = await Promise.all(Array.from({ length: 50 }, () => reserve(name)));
        expect(granted(last)).to.equal(1);
        wait(365 * 24 * 3600);
        expect(await reserve(name)).to.deep.include({ ok: false, suspended: true });
        expect(await attempts.waitOf(name, who)).to.equal(Infinity);
        await attempts.clear([name], who);
        expect((await reserve(name)).ok).to.equal(true);
      }
    }).timeout(60_000);

    it('make a known browser wait for an hour at most, and never for what strangers fail', async () => {
      await failInARow('second-factor', 80);
      expect(await attempts.waitOf('second-factor-known-device', who)).to.equal(0);
      for (let failures = 0; failures < 19;) {
        const result = await reserve('second-factor-known-device');
        if (result.ok) failures += 1;
        else {
          expect(result.retryAfterSeconds).to.be.at.most(3600);
          wait(result.retryAfterSeconds);
        }
      }
    }).timeout(60_000);

    it('are forgiven to the browser that failed them, and to no other', async () => {
      for (const by of ['own', 'another', 'another']) await attempts.reserve('second-factor', who, { by });
      await attempts.clearAll([['second-factor', who, 'own']]);
      expect(await reserve('second-factor')).to.deep.include({ ok: true, failures: 2 });
    });

    it('are not forgotten by the sweeper, however long it takes', async () => {
      await failInARow('second-factor', 20);
      wait(400 * 24 * 3600);
      await sweep(database.connection, [attemptCollection], now);
      expect(await reserve('second-factor')).to.deep.include({ ok: true, failures: 20 });
    });

    it('leave recovery codes usable', async () => {
      await failInARow('second-factor', 80);
      expect((await reserve('recovery')).ok).to.equal(true);
    }).timeout(60_000);
  });

  describe('for passwords from unknown browsers', () => {
    it('make each failure from the sixth on wait twice as long, up to the window', async () => {
      expect(await fail('password-unknown-device', 6)).to.equal(6);
      const waits: number[] = [];
      for (let i = 0; i < 12; i++) {
        const refused = await reserve('password-unknown-device');
        if (refused.ok) throw new Error('no wait');
        waits.push(refused.retryAfterSeconds);
        wait(refused.retryAfterSeconds);
        if ((await attempts.waitOf('password-unknown-device', who)) > 0) wait(900);
        const [one] = await Promise.all([
          reserve('password-unknown-device'),
          reserve('password-unknown-device'),
        ]);
        expect(one).to.have.property('ok');
      }
      expect(waits.slice(0, 4)).to.deep.equal([2, 4, 8, 16]);
      expect(Math.max(...waits)).to.be.at.most(900);
    });

    it('give one guess after a wait, to one of 50 at once', async () => {
      await fail('password-unknown-device', 6);
      wait(2);
      const results = await Promise.all(Array.from({ length: 50 }, () => reserve('password-unknown-device')));
      expect(granted(results)).to.equal(1);
    });

    it('make nobody wait for longer than 15 minutes, 70 times', async () => {
      await failInARow('password-unknown-device', 69);
      expect(await attempts.waitOf('password-unknown-device', who)).to.be.within(0, 900);
      wait(900);
      const last = await Promise.all(Array.from({ length: 50 }, () => reserve('password-unknown-device')));
      expect(granted(last)).to.equal(1);
      wait(400 * 24 * 3600);
      await sweep(database.connection, [attemptCollection], now);
      expect(await reserve('password-unknown-device')).to.deep.include({ ok: false, suspended: true });
      await attempts.clear(['password-unknown-device'], who);
      expect((await reserve('password-unknown-device')).ok).to.equal(true);
    }).timeout(60_000);

    it('leave known browsers alone', async () => {
      await failInARow('password-unknown-device', 10);
      expect((await reserve('password-known-device')).ok).to.equal(true);
    });

    it('are forgotten where somebody says so', async () => {
      await attempts.reserve('password-unknown-device', who, { forgetIn: 3600 });
      wait(3601);
      await sweep(database.connection, [attemptCollection], now);
      expect(await reserve('password-unknown-device')).to.deep.include({ ok: true, failures: 0 });
    });
  });

  describe('for passwords', () => {
    const places = ['password-unknown-device', 'password-known-device', 'password-proof'] as const;

    it('leave known browsers ten in a row, which no waiting gives back', async () => {
      expect(await fail('password-known-device', 12)).to.equal(10);
      wait(400 * 24 * 3600);
      expect(await reserve('password-known-device')).to.deep.include({ ok: false, suspended: true });
    });

    it('are 100 in a row over all places, however long it takes (NIST SP 800-63B-4 section 3.2.2)', async () => {
      let guesses = 0;
      for (const place of places) {
        for (;;) {
          const result = await reserve(place);
          if (result.ok) guesses += 1;
          else if (result.suspended) break;
          else wait(result.retryAfterSeconds);
        }
      }
      wait(400 * 24 * 3600);
      for (const place of places) guesses += granted([await reserve(place)]);
      expect(guesses).to.equal(100);
    }).timeout(60_000);
  });

  it('of several kinds are taken by one write, all or none, of 200 at once', async () => {
    await database.connection.collection('attempts').deleteMany({});
    const address = `northwind|${who}`;
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        insist(() => attempts.reserve('recovery', `${who}-${i}`, { beside: [['source', address]] })),
      ),
    );
    expect(granted(results)).to.equal(50);
    const left = await database.connection.collection('attempts').countDocuments({});
    expect(left).to.equal(100);
    for (const result of results) if (result.ok) await result.succeed();
    expect(await attempts.waitOf('source', address)).to.equal(0);
  }).timeout(60_000);

  it('of an address wait for guesses that are under way, not for the window', async () => {
    await fail('source', 50);
    expect(await reserve('source')).to.deep.include({ ok: false, retryAfterSeconds: 5 });
    wait(60);
    expect(await reserve('source')).to.deep.include({ ok: false, retryAfterSeconds: 14 * 60 });
  });

  it('let a whole shift through one network at once, and keep nothing of it', async () => {
    const results = await Promise.all(Array.from({ length: 200 }, () => reserve('source-network')));
    expect(granted(results)).to.equal(200);
    await Promise.all(results.map(async (result) => result.ok && insist(result.succeed)));
    const left = await database.connection
      .collection('attempts')
      .countDocuments({ group: /^source-network:/ });
    expect(left).to.equal(0);
    expect(await attempts.waitOf('source-network', who)).to.equal(0);
  }).timeout(60_000);

  it('are cleaned up when they have no more to say', async () => {
    await reserve('recovery');
    await sweep(database.connection, [attemptCollection], new Date(now.getTime() + 2 * 900 * 1000));
    expect(await database.connection.collection('attempts').countDocuments({ group: /^recovery:/ })).to.equal(
      0,
    );
  });

  it('throw when the store is away: neither allowed nor limited', async () => {
    const away = await testDatabase();
    const broken = createAttempts({ store: attemptStore(away.connection), key: KEY, clock: () => now });
    await away.drop();
    const calls = [
      () => broken.reserve('second-factor', who),
      () => broken.waitOf('second-factor', who),
      () => broken.clear(['second-factor'], who),
    ];
    for (const call of calls) {
      let code: unknown;
      await call().catch((error: { code: unknown }) => (code = error.code));
      expect(code).to.equal('unavailable');
    }
  });
});
