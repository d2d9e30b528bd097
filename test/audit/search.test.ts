import { expect } from 'chai';
import type { AuditFilter } from '../../src/audit/audit-search.ts';
import { ana, sam, signIn, startLog, type TestLog } from './log.ts';

describe('searching the audit log', () => {
  let log: TestLog;
  before(async () => {
    log = await startLog();
    for (let i = 0; i < 25; i += 1) {
      // Several events in one second: the number decides their order.
      log.setNow(new Date(Date.UTC(2026, 0, 1, 12, 0, Math.floor(i / 5))));
      const event = i % 3 === 0 ? 'password_refused' : 'password_accepted';
      const person = i % 2 === 0 ? ana : sam;
      await log.audit.record(signIn({ event, actor: null, subject: person, reference: `r${i}` }));
    }
    await log.audit.record(signIn({ tenantId: 'southwind', actor: null, reference: 'other' }));
    await log.audit.record(
      signIn({ event: 'agent_disabled', actor: ana, subject: sam, reference: 'by-ana' }),
    );
  });
  after(() => log.close());

  async function all(filter: AuditFilter, limit = 7): Promise<string[]> {
    const found: string[] = [];
    let after: string | null = null;
    do {
      const page = await log.search.list('northwind', filter, { limit, after });
      expect(page.records.length).to.be.at.most(limit);
      found.push(...page.records.map(({ reference }) => reference ?? ''));
      after = page.next;
    } while (after !== null);
    return found;
  }

  const references = (page: { records: readonly { reference: string | null }[] }) =>
    page.records.map(({ reference }) => reference);

  it('goes back page by page the way it came, to a full newest page', async () => {
    for (const filter of [{}, { accountId: 'ana' }, { from: new Date(Date.UTC(2026, 0, 1, 12)) }]) {
      const pages = [];
      for (let after: string | null = null; ;) {
        const page = await log.search.list('northwind', filter, { limit: 4, after });
        pages.push(page);
        after = page.next;
        if (after === null) break;
      }
      expect(pages[0]?.previous).to.equal(null);
      for (let at = pages.length - 1; at > 0; at -= 1) {
        const before = pages[at]?.previous ?? '';
        const page = await log.search.list('northwind', filter, { limit: 4, before });
        expect(references(page)).to.deep.equal(references(pages[at - 1] ?? page));
        expect(page.next).to.equal(pages[at - 1]?.next);
        expect(page.previous).to.equal(pages[at - 1]?.previous);
      }
    }
  });

  it('finds one by its number, and of each account when it last did something', async () => {
    const [newest] = (await log.search.list('northwind', {}, { limit: 1 })).records;
    expect(await log.search.find('northwind', newest?.seq ?? 0)).to.deep.equal(newest);
    expect(await log.search.find('northwind', 1000)).to.equal(null);
    expect(await log.search.find('westwind', 1)).to.equal(null);
    const last = await log.search.lastOf('northwind', 'password_refused', ['ana', 'sam', 'nobody']);
    expect([...last].sort()).to.deep.equal([
      ['ana', new Date(Date.UTC(2026, 0, 1, 12, 0, 4))],
      ['sam', new Date(Date.UTC(2026, 0, 1, 12, 0, 4))],
    ]);
    expect((await log.search.lastOf('westwind', 'password_refused', ['ana'])).size).to.equal(0);
  });

  const numbers = (test: (i: number) => boolean) =>
    Array.from({ length: 25 }, (_, i) => 24 - i)
      .filter(test)
      .map((i) => `r${i}`);

  it('gives the newest first, page by page, each event once', async () => {
    const expected = ['by-ana', ...numbers(() => true)];
    for (const limit of [1, 5, 7, 26, 100]) expect(await all({}, limit)).to.deep.equal(expected);
  });

  it('finds by event', async () => {
    expect(await all({ events: ['password_refused'] })).to.deep.equal(numbers((i) => i % 3 === 0));
    expect(await all({ events: ['password_refused', 'agent_disabled'] })).to.have.length(10);
  });

  it('finds by account, as the one who did it and as the one it was done to', async () => {
    expect(await all({ accountId: 'ana' })).to.deep.equal(['by-ana', ...numbers((i) => i % 2 === 0)]);
    expect(await all({ accountId: 'sam' })).to.include('by-ana');
    expect(await all({ accountId: 'nobody' })).to.deep.equal([]);
  });

  it('finds what was done to an account, and not what it did to others', async () => {
    expect(await all({ subjectId: 'sam' })).to.deep.equal(['by-ana', ...numbers((i) => i % 2 === 1)]);
    expect(await all({ subjectId: 'ana' })).to.not.include('by-ana');
  });

  it('finds by time: from is included, to is not', async () => {
    const from = new Date(Date.UTC(2026, 0, 1, 12, 0, 1));
    const to = new Date(Date.UTC(2026, 0, 1, 12, 0, 3));
    expect(await all({ from, to })).to.deep.equal(numbers((i) => i >= 5 && i < 15));
  });

  it('joins all of them', async () => {
    const to = new Date(Date.UTC(2026, 0, 1, 12, 0, 3));
    const filter: AuditFilter = { events: ['password_refused'], accountId: 'ana', to };
    expect(await all(filter, 1)).to.deep.equal(numbers((i) => i % 6 === 0 && i < 15));
  });

  it('shows nothing of another tenant', async () => {
    expect(await all({})).to.not.include('other');
    const { records } = await log.search.list('southwind', {}, { limit: 10 });
    expect(records.map(({ reference }) => reference)).to.deep.equal(['other']);
  });

  it('starts at the newest when the cursor is broken', async () => {
    for (const after of ['', 'x', '1-2-3', '$ne', '../..']) {
      const { records } = await log.search.list('northwind', {}, { limit: 1, after });
      expect(records[0]?.reference).to.equal('by-ana');
    }
  });
});
