import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';

const root = resolve(import.meta.dirname, '../..');

/** Takes free ports for a moment. @returns their numbers */
async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = Array.from({ length: count }, () => createServer().listen(0));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** A Stile in a process of its own, as `npm start` runs it. */
interface Running {
  readonly child: ChildProcess;
  readonly env: Readonly<Record<string, string>>;
  readonly said: () => string;
  readonly exit: Promise<number | null>;
}

describe('Stile as a process', function () {
  this.timeout(120_000);
  let dataDir: string;
  const started: Running[] = [];
  beforeEach(async () => void (dataDir = await mkdtemp(join(tmpdir(), 'stile-start-'))));
  afterEach(async () => {
    for (const { child, exit } of started.splice(0)) {
      child.kill('SIGTERM');
      await exit;
    }
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Starts, and waits for the banner or the end. */
  async function start(
    more: Readonly<Record<string, string>> = {},
    command = ['src/main.ts'],
  ): Promise<Running> {
    const [port = 0, management = 0] = await freePorts(2);
    const provision = join(dataDir, 'provision.yaml');
    await writeFile(provision, 'tenants: [{ slug: northwind, name: Northwind Support }]\n');
    const env = {
      NODE_ENV: 'development',
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      DATA_DIR: dataDir,
      PORT: String(port),
      MANAGEMENT_PORT: String(management),
      DEMO_APP_PORT: '0',
      ISSUER: `http://localhost:${port}`,
      PROVISION: provision,
      LOG_LEVEL: 'error',
      ...more,
    };
    const child = spawn(process.execPath, command, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const exit = once(child, 'close').then(([code]) => code as number | null);
    const ready = new Promise<void>((done) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          said += chunk.toString();
          if (said.includes('Ctrl-C stops it')) done();
        });
      }
    });
    const running = { child, env, said: () => said, exit };
    started.push(running);
    await Promise.race([ready, exit]);
    return running;
  }

  const page = (env: Readonly<Record<string, string>>, path: string) =>
    fetch(`${env.ISSUER}${path}`).then(
      ({ status }) => status,
      () => 0,
    );
  const discovery = (env: Readonly<Record<string, string>>) => page(env, '/.well-known/openid-configuration');
  const readiness = (env: Readonly<Record<string, string>>) =>
    fetch(`http://localhost:${env.MANAGEMENT_PORT}/readyz`).then(
      ({ status }) => status,
      () => 0,
    );

  /** @returns processes that hold our data: everything that a start may leave behind */
  async function leftOvers(): Promise<string[]> {
    const ps = spawn('ps', ['-eo', 'pid,args'], { stdio: ['ignore', 'pipe', 'ignore'] });
    let lines = '';
    ps.stdout.on('data', (chunk: Buffer) => (lines += chunk.toString()));
    await once(ps, 'close');
    return lines.split('\n').filter((line) => line.includes(dataDir));
  }

  async function untilNothingIsLeft(): Promise<void> {
    for (let waited = 0; waited < 20_000 && (await leftOvers()).length > 0; waited += 250)
      await setTimeout(250);
    expect(await leftOvers()).to.deep.equal([]);
  }

  it('serves, drains at SIGTERM, leaves no process, and keeps keys and data for the next start', async () => {
    const first = await start();
    expect(first.said()).to.include('Stile is ready');
    expect(await discovery(first.env)).to.equal(200);
    expect(await readiness(first.env)).to.equal(200);
    expect(await page(first.env, '/__gallery'), 'an installation has no gallery').to.equal(404);
    first.child.kill('SIGTERM');
    expect(await first.exit).to.equal(0);
    await untilNothingIsLeft();

    const keys = await readFile(join(dataDir, 'keys.json'), 'utf8');
    const second = await start();
    expect(await discovery(second.env), second.said()).to.equal(200);
    expect(await readFile(join(dataDir, 'keys.json'), 'utf8')).to.equal(keys);
  });

  it('leaves no process when it is killed', async () => {
    const { child, exit } = await start();
    expect(await leftOvers()).to.have.length(1);
    child.kill('SIGKILL');
    await exit;
    await untilNothingIsLeft();
  });

  it('leaves no process when the command that started it is killed', async () => {
    const { child, env, exit, said } = await start({}, ['tools/run.mjs', 'start']);
    expect(await discovery(env), said()).to.equal(200);
    expect(await page(env, '/__gallery')).to.equal(200);
    child.kill('SIGKILL');
    await untilNothingIsLeft();
    expect(await discovery(env)).to.equal(0);
    await exit;
  });

  it('starts its database again when that is killed', async () => {
    const { env, said } = await start();
    const pidOf = async () => Number((await leftOvers())[0]?.trim().split(' ')[0]);
    const pid = await pidOf();
    process.kill(pid, 'SIGKILL');
    const told = () => said().includes('the database ended; starting it again');
    for (let waited = 0; waited < 30_000 && !told(); waited += 50) await setTimeout(50);
    expect(told(), said()).to.equal(true);
    for (let waited = 0; waited < 30_000 && (await readiness(env)) !== 200; waited += 250)
      await setTimeout(250);
    expect(await readiness(env)).to.equal(200);
    expect(await pidOf()).to.not.equal(pid);
  });

  it('names the directory when another Stile has the data, and the port when that is taken', async () => {
    const { env } = await start();
    const sameData = await start();
    expect(await sameData.exit).to.equal(1);
    expect(sameData.said()).to.include(dataDir).and.include('in use by another running Stile');
    expect(sameData.said()).not.to.include('    at ');

    const other = await mkdtemp(join(tmpdir(), 'stile-start-'));
    const samePort = await start({ DATA_DIR: other, PORT: env.PORT ?? '' });
    expect(await samePort.exit).to.equal(1);
    expect(samePort.said()).to.include(`Port ${env.PORT} is in use`);
    await rm(other, { recursive: true, force: true });
  });

  it('names every wrong setting', async () => {
    const { exit, said } = await start({ PORT: 'http', LOG_LEVEL: 'loud' });
    expect(await exit).to.equal(1);
    expect(said()).to.include('PORT').and.include('LOG_LEVEL').and.not.include('    at ');
  });

  it('serves from several processes, whose metrics are added up', async () => {
    const { env, said } = await start({ WORKERS: '2' }, ['tools/start.ts']);
    expect(await discovery(env), said()).to.equal(200);
    expect(await page(env, '/__gallery'), 'in development').to.equal(200);
    const metrics = await fetch(`http://localhost:${env.MANAGEMENT_PORT}/metrics`).then((answer) =>
      answer.text(),
    );
    expect(metrics).to.include('stile_http_request_duration_seconds');
  });
});
