import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import {
  RETRY_SECONDS,
  UndeliverableError,
  type ClaimedJob,
  type JobHandler,
  type NewJob,
  type Outcome,
} from '../../src/outbox/jobs.ts';
import { outboxCollection, outboxStore } from '../../src/outbox/outbox-store.ts';
import { createOutbox, type OutboxOptions } from '../../src/outbox/outbox.ts';
import { testDatabase } from '../support/database.ts';

type Database = Awaited<ReturnType<typeof testDatabase>>;

const token = (id: string, lane = 'app.example'): NewJob<'logout-token'> => ({
  id,
  kind: 'logout-token',
  tenantId: 'northwind',
  lane,
  payload: { clientId: lane, accountId: 'ana', sid: id },
});

const HOUR = 60 * 60 * 1000;

describe('the outbox', () => {
  let database: Database;
  let now: Date;
  let store: ReturnType<typeof outboxStore>;
  let outcomes: [string, Outcome['kind']][];
  const opened: { stop(graceMs?: number): Promise<void> }[] = [];

  beforeEach(async () => {
    database = await testDatabase();
    store = outboxStore(database.connection);
    now = new Date('2026-01-01T12:00:00Z');
    outcomes = [];
    const { name, indexes } = outboxCollection;
    for (const { key } of indexes) await database.connection.collection(name).createIndex(key);
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.stop(0);
    await database.drop();
  });

  /** The part of one process. */
  function open(handler: JobHandler<'logout-token'>, more: Partial<OutboxOptions> = {}) {
    const outbox = createOutbox({
      store,
      handlers: { 'logout-token': handler },
      clock: () => now,
      onOutcome: (job, outcome) => outcomes.push([job.id, outcome.kind]),
      pollMs: 10,
      ...more,
    });
    opened.push(outbox);
    return outbox;
  }

  const row = (id: string) => database.connection.collection<{ _id: string }>('outbox').findOne({ _id: id });
  async function until(condition: () => boolean | Promise<boolean>, ms = 5000): Promise<void> {
    const end = performance.now() + ms;
    while (!(await condition())) {
      if (performance.now() > end) throw new Error('did not happen in time');
      await wait(5);
    }
  }
  const settled = (count: number) => until(() => outcomes.length >= count);

  it('delivers a job, and keeps of it only that it was delivered', async () => {
    const seen: ClaimedJob<'logout-token'>[] = [];
    const outbox = open(async (job) => void seen.push(job));
    outbox.start();
    await outbox.enqueue(token('a'));
    await settled(1);
    expect(seen).to.have.length(1);
    expect(seen[0]).to.deep.include({ id: 'a', tries: 1, tenantId: 'northwind' });
    expect(seen[0]?.payload).to.deep.equal({ clientId: 'app.example', accountId: 'ana', sid: 'a' });
    expect(await row('a')).to.include({ state: 'sent', payload: null });
  });

  it('takes a job once, however often it is handed in', async () => {
    let sent = 0;
    const outbox = open(async () => void (sent += 1));
    outbox.start();
    await Promise.all(Array.from({ length: 20 }, () => outbox.enqueue(token('same'), token('other'))));
    await settled(2);
    await outbox.enqueue(token('same'), token('new'));
    await settled(3);
    expect(sent).to.equal(3);
  });

  it('gives a due job to exactly one of 50 callers', async () => {
    for (let round = 0; round < 10; round += 1) {
      await store.insert([token(`race-${round}`)], now);
      const [due] = await store.due(now, { kinds: ['logout-token'], limit: 1, notLanes: [] });
      if (!due) throw new Error('nothing is due');
      const until = new Date(now.getTime() + HOUR);
      const claims = await Promise.all(
        Array.from({ length: 50 }, (_, i) => store.claim(due, `c${i}`, until)),
      );
      expect(claims.filter(Boolean)).to.have.length(1);
    }
  });

  it('delivers each job once while three processes work', async () => {
    const times = new Map<string, number>();
    const handler = async ({ id }: ClaimedJob) => {
      times.set(id, (times.get(id) ?? 0) + 1);
      await wait(1);
    };
    const [first, ...others] = [open(handler), open(handler), open(handler)];
    for (const one of others) one.start();
    first?.start();
    await first?.enqueue(...Array.from({ length: 200 }, (_, i) => token(`j${i}`, `app-${i % 10}`)));
    await settled(200);
    expect(times.size).to.equal(200);
    expect([...times.values()].every((count) => count === 1)).to.equal(true);
  });

  it('tries again with growing waits, and gives up after a day', async () => {
    const waits: number[] = [];
    const outbox = open(() => Promise.reject(new Error('connect ECONNREFUSED')));
    outbox.start();
    await outbox.enqueue(token('a'));
    for (let tries = 1; tries <= RETRY_SECONDS.length; tries += 1) {
      await settled(tries);
      const due = (await row('a')) as unknown as { dueAt: Date };
      waits.push((due.dueAt.getTime() - now.getTime()) / 1000);
      now = new Date(due.dueAt.getTime() - 1);
      await wait(30);
      expect(outcomes).to.have.length(tries);
      now = due.dueAt;
    }
    await settled(RETRY_SECONDS.length + 1);
    expect(waits).to.deep.equal([5, 30, 120, 600, 3600, 7200, 14400, 28800, 28800]);
    expect(await row('a')).to.deep.include({ state: 'dead', lastError: 'Error: connect ECONNREFUSED' });
    expect(await store.counts()).to.deep.equal([{ kind: 'logout-token', state: 'dead', count: 1 }]);
  });

  it('gives up at once where no later try can work', async () => {
    const outbox = open(() => Promise.reject(new UndeliverableError('the app is gone')));
    outbox.start();
    await outbox.enqueue(token('a'));
    await settled(1);
    expect(outcomes).to.deep.equal([['a', 'dead']]);
  });

  it('revives dead jobs on request, with what they carry', async () => {
    let working = false;
    const seen: unknown[] = [];
    const outbox = open(async ({ payload }) => {
      if (!working) throw new UndeliverableError('no');
      seen.push(payload);
    });
    outbox.start();
    await outbox.enqueue(token('a'));
    await settled(1);
    working = true;
    expect(await store.revive('logout-token', now)).to.equal(1);
    await settled(2);
    expect(seen).to.deep.equal([token('a').payload]);
  });

  it('delivers again under the same id when a process dies between doing and noting it', async () => {
    const ids: string[] = [];
    // The first process takes the job, does it, and is never heard of again.
    await store.insert([token('a')], now);
    const [due] = await store.due(now, { kinds: ['logout-token'], limit: 1, notLanes: [] });
    if (!due) throw new Error('nothing is due');
    const lapse = new Date(now.getTime() + 60_000);
    const job = await store.claim(due, 'dead-process', lapse);
    ids.push(job?.id ?? '');

    open(async ({ id }) => void ids.push(id)).start();
    await wait(50);
    expect(ids, 'while the claim holds').to.deep.equal(['a']);
    now = lapse;
    await settled(1);
    expect(ids).to.deep.equal(['a', 'a']);
    expect(await row('a')).to.include({ state: 'sent' });
  });

  it('loses nothing when a process is killed in the middle of a delivery', async () => {
    now = new Date();
    await store.insert([token('a'), token('b')], new Date(now.getTime() - 1000));
    const script = fileURLToPath(new URL('dying-process.ts', import.meta.url));
    const child = spawn(process.execPath, [script, database.uri, database.name], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => void (said += chunk.toString()));
    await until(() => said.includes('sending a') && said.includes('sending b'), 15_000);
    child.kill('SIGKILL');
    await once(child, 'exit');

    now = new Date(now.getTime() + 2 * 60_000);
    const ids: string[] = [];
    open(async ({ id }) => void ids.push(id)).start();
    await settled(2);
    expect(ids.sort()).to.deep.equal(['a', 'b']);
  });

  it('does not listen to a process whose claim has lapsed', async () => {
    await store.insert([token('a')], now);
    for (const claim of ['slow', 'next']) {
      const [due] = await store.due(now, { kinds: ['logout-token'], limit: 1, notLanes: [] });
      now = new Date(now.getTime() + 60_000);
      if (due) await store.claim(due, claim, now);
    }
    expect(await store.settle('a', 'slow', { kind: 'sent' }, now)).to.equal(false);
    expect(await row('a')).to.include({ state: 'waiting', claim: 'next' });
    expect(await store.settle('a', 'next', { kind: 'sent' }, now)).to.equal(true);
  });

  it('gives up a job that takes its process down every time', async () => {
    await store.insert([token('a')], now);
    const claimAndDie = async () => {
      const [due] = await store.due(now, { kinds: ['logout-token'], limit: 1, notLanes: [] });
      if (!due) throw new Error('nothing is due');
      now = new Date(now.getTime() + 60_000);
      await store.claim(due, 'dies', now);
    };
    for (let i = 0; i <= RETRY_SECONDS.length; i += 1) await claimAndDie();
    let ran = false;
    open(async () => void (ran = true)).start();
    await settled(1);
    expect(outcomes).to.deep.equal([['a', 'dead']]);
    expect(ran).to.equal(false);
  });

  it('does not let an app that hangs hold up the others', async () => {
    const done: string[] = [];
    const outbox = open(
      async ({ id, lane }, signal) => {
        if (lane === 'hangs') await once(signal, 'abort');
        done.push(id);
      },
      { parallel: 10, parallelInLane: 3, tryMs: 60_000 },
    );
    await outbox.enqueue(...Array.from({ length: 300 }, (_, i) => token(`h${i}`, 'hangs')));
    now = new Date(now.getTime() + 1);
    await outbox.enqueue(...Array.from({ length: 100 }, (_, i) => token(`o${i}`, `app-${i % 5}`)));
    outbox.start();
    await settled(100);
    expect(done).to.have.length(100);
    expect(done.every((id) => id.startsWith('o'))).to.equal(true);
  });

  it('ends a try that takes too long, also one that does not listen', async () => {
    const outbox = open(() => new Promise(() => undefined), { tryMs: 30 });
    outbox.start();
    await outbox.enqueue(token('a'));
    await settled(1);
    expect(outcomes).to.deep.equal([['a', 'retry']]);
    expect(await row('a')).to.include({ lastError: 'Error: took too long' });
  });

  it('stops gracefully: ends what runs, takes nothing new', async () => {
    const signals = new EventEmitter();
    const started = once(signals, 'started');
    const outbox = open(async () => {
      signals.emit('started');
      await once(signals, 'finish');
    });
    outbox.start();
    await outbox.enqueue(token('running'));
    await started;
    const stopped = outbox.stop(5000);
    await outbox.enqueue(token('later'));
    signals.emit('finish');
    await stopped;
    expect(outcomes).to.deep.equal([['running', 'sent']]);
    expect(await row('later')).to.include({ state: 'waiting', tries: 0 });
  });

  it('leaves what it had to abort to the next process, without waiting', async () => {
    const outbox = open((_job, signal) =>
      once(signal, 'abort').then(() => Promise.reject(new Error('aborted'))),
    );
    outbox.start();
    await outbox.enqueue(token('a'));
    await until(async () => ((await row('a')) as unknown as { tries: number }).tries === 1);
    await outbox.stop(20);
    expect(outcomes).to.deep.equal([['a', 'retry']]);
    outcomes = [];
    open(async () => undefined).start();
    await settled(1);
    expect(outcomes).to.deep.equal([['a', 'sent']]);
  });

  it('goes on when the store comes back', async () => {
    let away = true;
    const troubles: unknown[] = [];
    const flaky = {
      ...store,
      due: (...args: Parameters<typeof store.due>) =>
        away ? Promise.reject(new Error('away')) : store.due(...args),
    };
    const outbox = open(async () => undefined, { store: flaky, onTrouble: (error) => troubles.push(error) });
    outbox.start();
    await outbox.enqueue(token('a'));
    await until(() => troubles.length > 2);
    away = false;
    await settled(1);
    expect(outcomes).to.deep.equal([['a', 'sent']]);
  });

  it('leaves kinds alone for which it has no handler', async () => {
    const outbox = open(async () => undefined);
    outbox.start();
    await outbox.enqueue({
      id: 'm',
      kind: 'mail',
      tenantId: 'northwind',
      lane: 'mail',
      payload: { sealed: '' },
    });
    await wait(50);
    expect(await row('m')).to.include({ state: 'waiting', tries: 0 });
  });

  it('forgets what was sent or given up after seven days', async () => {
    const outbox = open(async () => undefined);
    outbox.start();
    await outbox.enqueue(token('a'));
    await settled(1);
    const { expiresAt } = (await row('a')) as unknown as { expiresAt: Date };
    expect(expiresAt.getTime() - now.getTime()).to.equal(7 * 24 * HOUR);
  });

  describe('with 1,000 logout tokens for real apps', () => {
    const answer = { status: 200, hang: false };
    const received = new Map<string, number>();
    const app = createServer((request: IncomingMessage, response: ServerResponse) => {
      const id = request.url ?? '';
      received.set(id, (received.get(id) ?? 0) + 1);
      if (!answer.hang) response.writeHead(answer.status).end();
    });
    before(async () => {
      app.listen(0, '127.0.0.1');
      await once(app, 'listening');
    });
    after(async () => {
      app.closeAllConnections();
      app.close();
      await once(app, 'close');
    });

    const deliver: JobHandler<'logout-token'> = async ({ id }, signal) => {
      const { port } = app.address() as AddressInfo;
      const response = await fetch(`http://127.0.0.1:${port}/${id}`, { method: 'POST', signal });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`answered ${response.status}`);
    };

    it('delivers all of them', async () => {
      const outbox = open(deliver);
      outbox.start();
      await outbox.enqueue(...Array.from({ length: 1000 }, (_, i) => token(`t${i}`, `app-${i % 8}`)));
      await until(() => outcomes.length >= 1000, 20_000);
      expect(received.size).to.equal(1000);
    }).timeout(30_000);

    it('brings them to an app that answered 500 and came back', async () => {
      answer.status = 500;
      received.clear();
      const outbox = open(deliver);
      outbox.start();
      await outbox.enqueue(...Array.from({ length: 50 }, (_, i) => token(`r${i}`, `app-${i % 8}`)));
      await settled(50);
      expect(outcomes.every(([, kind]) => kind === 'retry')).to.equal(true);
      answer.status = 200;
      now = new Date(now.getTime() + 5000);
      await settled(100);
      expect([...received.values()].every((times) => times === 2)).to.equal(true);
    });
  });
});
