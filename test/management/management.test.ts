import { expect } from 'chai';
import { startManagement, type Check, type Management } from '../../src/management.ts';
import { createMetrics } from '../../src/metrics.ts';
import { readinessChecks } from '../../src/readiness.ts';
import type { Keys } from '../../src/keys.ts';
import type { RunningEngine } from '../../src/storage/engines/engine.ts';
import { connectDatabase, type Database } from '../../src/storage/database.ts';
import { startEngine } from '../support/database.ts';
import { openGate, type Gate } from './gate.ts';

const keys = { signing: [{}], cookies: ['x'] } as unknown as Keys;

describe('the management port', () => {
  let management: Management;
  let draining: boolean;

  async function open(checks: Readonly<Record<string, Check>>, metrics = createMetrics()): Promise<void> {
    draining = false;
    management = await startManagement({
      port: 0,
      host: '127.0.0.1',
      checks,
      draining: () => draining,
      metrics: metrics.text,
    });
  }
  afterEach(() => management.close());

  const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${management.port}${path}`, init);
  async function ready() {
    const response = await get('/readyz');
    return { code: response.status, ...((await response.json()) as { status: string; checks: object }) };
  }

  it('says alive as long as the process answers, whatever else is away', async () => {
    await open({ database: () => false });
    const response = await get('/livez');
    expect(response.status).to.equal(200);
    expect(await response.json()).to.deep.equal({ status: 'alive' });
  });

  it('is ready when every check passes, and names what does not', async () => {
    let up = true;
    await open({ database: () => true, keys: () => up });
    expect(await ready()).to.deep.equal({
      code: 200,
      status: 'ready',
      checks: { database: 'ok', keys: 'ok' },
    });
    up = false;
    expect(await ready()).to.deep.equal({
      code: 503,
      status: 'not-ready',
      checks: { database: 'ok', keys: 'failed' },
    });
  });

  it('takes a check that throws or hangs for a failure', async () => {
    await open({
      throws: () => Promise.reject(new Error('secret address')),
      hangs: () => new Promise(() => undefined),
    });
    expect(await ready()).to.deep.equal({
      code: 503,
      status: 'not-ready',
      checks: { throws: 'failed', hangs: 'failed' },
    });
  });

  it('sends people elsewhere while it drains, but stays alive', async () => {
    await open({ database: () => true });
    draining = true;
    expect(await ready()).to.include({ code: 503, status: 'draining' });
    expect((await get('/livez')).status).to.equal(200);
  });

  it('answers nothing else, and changes nothing', async () => {
    await open({});
    for (const path of ['/', '/metrics/', '/readyz/x', '/..%2freadyz'])
      expect((await get(path)).status).to.equal(404);
    for (const method of ['POST', 'DELETE', 'PUT'])
      expect((await get('/livez', { method })).status).to.equal(405);
  });

  it('tells no version and no name of a product', async () => {
    await open({ database: () => true });
    for (const path of ['/livez', '/readyz']) {
      const response = await get(path);
      const told = JSON.stringify([...response.headers]) + (await response.text());
      expect(told).to.not.match(/node|koa|mongo|v?\d+\.\d+\.\d+/i);
    }
  });

  describe('beside a real database', () => {
    let engine: RunningEngine;
    let gate: Gate;
    let database: Database;
    const portOf = (uri: string) => Number(new URL(uri).port);

    beforeEach(async () => {
      engine = await startEngine();
      gate = await openGate(portOf(engine.uri));
      const uri = new URL(engine.uri);
      uri.port = String(gate.port);
      database = await connectDatabase(uri.href);
      await open(readinessChecks({ connection: database.connection, keys, indexesReady: () => true }));
    });
    afterEach(async () => {
      await database.close();
      await gate.close();
      await engine.stop();
    });

    async function becomes(status: string): Promise<void> {
      const end = performance.now() + 15_000;
      while ((await ready()).status !== status) {
        if (performance.now() > end) throw new Error(`never ${status}`);
      }
    }

    it('is not ready while the database is stopped, and ready again when it returns', async () => {
      expect(await ready()).to.include({ code: 200, status: 'ready' });
      await engine.stop();
      expect(await ready()).to.deep.include({
        code: 503,
        checks: { database: 'failed', keys: 'ok', indexes: 'ok' },
      });
      engine = await startEngine({ port: portOf(engine.uri) });
      await becomes('ready');
    }).timeout(30_000);

    it('is not ready while the database takes questions and answers none', async () => {
      gate.stall();
      expect(await ready()).to.include({ code: 503 });
    });
  });
});
