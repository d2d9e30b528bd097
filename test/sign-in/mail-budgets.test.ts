import { expect } from 'chai';
import { startIdp, type Idp } from '../support/idp.ts';

const FORGOT = '/password/forgot';

describe('mails that anybody can ask for', function () {
  this.timeout(120_000);
  let idp: Idp;
  let now: Date;

  before(async () => void (idp = await startIdp({ clock: () => now, trustedProxies: 1 })));
  after(() => idp.close());
  beforeEach(async () => {
    now = new Date();
    await idp.database.connection.collection('attempts').deleteMany({});
  });

  /** Asks from one address. */
  async function ask(email: string, address: string): Promise<void> {
    const browser = await idp.browser().open(FORGOT);
    const csrf = browser.page()('input[name=_csrf]').attr('value') ?? '';
    await browser.post(FORGOT, { email, _csrf: csrf }, { 'x-forwarded-for': address });
    expect([browser.status, browser.heading()]).to.deep.equal([200, 'Check your email']);
  }
  const links = () => idp.database.connection.collection('mail_links').countDocuments({});
  const logged = () =>
    idp.database.connection
      .collection<{ event: string; reason?: string; details?: string }>('audit_events')
      .find({ event: 'password_reset_asked', reason: 'too_many' })
      .sort({ at: 1 })
      .toArray();

  async function nobodies(count: number, address: string): Promise<void> {
    for (let i = 0; i < count; i += 1) await ask(`nobody-${i}@northwind.example`, `${address}:${5000 + i}`);
  }

  it('are 20 an hour for an address, which silences no neighbour in its network', async () => {
    await nobodies(22, '192.0.2.7');
    const before = await links();
    await ask('ana@northwind.example', '192.0.2.8');
    expect(await links()).to.equal(before + 1);
  });

  it('are 200 an hour for a network', async () => {
    const before = await links();
    for (let host = 1; host <= 11; host += 1) {
      await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          ask(`nobody-${host}-${i}@northwind.example`, `198.51.100.${host}`),
        ),
      );
    }
    expect(await links()).to.equal(before + 200);
  });

  it('write one row a window when they are too many, with the number of the others', async () => {
    const before = (await logged()).length;
    await nobodies(50, '203.0.113.7');
    expect(await logged()).to.have.length(before + 1);
    now = new Date(now.getTime() + 3600_000);
    await nobodies(30, '203.0.113.7');
    const rows = await logged();
    expect(rows).to.have.length(before + 2);
    expect(JSON.parse(rows.at(-1)?.details ?? '')).to.deep.include({ untold: 29 });
  });
});
