import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { PASSWORD, startIdp, type Idp } from '../support/idp.ts';
import { DeskVisitor } from './desk-visitor.ts';
import { freePort } from './free-port.ts';

const root = join(import.meta.dirname, '../..');
const ANA = 'ana.ribeiro@northwind.example';
const CARLA = 'carla.nunes@northwind.example';
const BEN = 'ben.ode@northwind.example';

describe('quick start for an app', function () {
  this.timeout(30_000);
  let idp: Idp;
  let app: ChildProcess;
  let url: string;
  let visitor: DeskVisitor;

  before(async () => {
    idp = await startIdp();
    const port = String(await freePort());
    url = `http://localhost:${port}`;
    const CLIENT_SECRET = 'a secret of this test alone';
    await idp.addClient({
      client_id: 'my-app',
      client_secret: CLIENT_SECRET,
      tenant: 'northwind',
      first_party: true,
      redirect_uris: [`${url}/callback`],
    });
    await idp.addPerson(ANA, { app: true });
    await idp.addPerson(CARLA, { app: true });
    await idp.addPerson(BEN);
    app = fork(join(root, 'examples/quick-start.ts'), [], {
      env: { ISSUER: idp.issuer, CLIENT_SECRET, PORT: port },
      execArgv: [],
      stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    });
    if (app.stdout) await once(app.stdout, 'data');
  });
  after(async () => {
    app.kill();
    await once(app, 'exit');
    await idp.close();
  });
  beforeEach(() => void (visitor = new DeskVisitor()));

  it('is in the README, letter by letter', async () => {
    const code = await readFile(join(root, 'examples/quick-start.ts'), 'utf8');
    expect(await readFile(join(root, 'README.md'), 'utf8')).to.include(`\`\`\`ts\n${code}\`\`\``);
  });

  it('lets somebody in who signs in with two factors', async () => {
    await visitor.open(url);
    await visitor.submit({ email: ANA, password: PASSWORD });
    const page = await visitor.submit({ code: await idp.appCode() });
    expect(JSON.parse(page.text)).to.deep.equal({ hello: 'ana ribeiro', amr: ['pwd', 'otp', 'mfa'] });
  });

  it('lets nobody in with a password alone', async () => {
    await visitor.open(url);
    const page = await visitor.submit({ email: BEN, password: PASSWORD });
    expect([page.status, page.text]).to.deep.equal([403, 'This app wants two factors.']);
  });

  it('takes no answer that another browser asked for', async () => {
    await visitor.open(url);
    await visitor.submit({ email: CARLA, password: PASSWORD });
    visitor.cookies(url).clear();
    const page = await visitor.submit({ code: await idp.appCode() });
    expect(page.status).to.equal(500);
    expect(page.text).to.not.include('hello');
  });
});
