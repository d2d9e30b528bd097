import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { mailTexts } from '../../src/notifications/mail-texts.ts';
import type { Recipient } from '../../src/notifications/mail.ts';
import { createNotifications, mailJob, type SendMail } from '../../src/notifications/notifications.ts';
import { mailboxStore } from '../../src/notifications/mailbox-store.ts';
import { smtp } from '../../src/notifications/smtp.ts';
import { UndeliverableError, type Outcome } from '../../src/outbox/jobs.ts';
import { outboxStore } from '../../src/outbox/outbox-store.ts';
import { createOutbox, type Outbox } from '../../src/outbox/outbox.ts';
import { testDatabase } from '../support/database.ts';
import { ana, samples } from './mail-samples.ts';
import { openPost, type Post } from './post.ts';

const who: Recipient = { tenantId: 'northwind', accountId: 'ana' };
/** Stands for the vault: what it makes of a text is not the text, and only its context opens it. */
const sealer = {
  seal: (plain: string, context: string) =>
    Buffer.from(JSON.stringify({ plain, context })).toString('base64'),
  open(sealed: string, context: string) {
    const inside = JSON.parse(Buffer.from(sealed, 'base64').toString()) as { plain: string; context: string };
    if (inside.context !== context) throw new Error('wrong context');
    return inside.plain;
  },
};

describe('mails on their way', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let post: Post;
  let now: Date;
  let outcomes: Outcome[];
  let outbox: Outbox;
  let close: () => void;

  beforeEach(async () => {
    database = await testDatabase();
    post = await openPost();
    now = new Date('2026-11-24T09:12:00Z');
    outcomes = [];
    const { send, close: closeSmtp } = smtp({
      url: post.url,
      from: 'Stile <no-reply@id.example.com>',
      host: 'id.example.com',
      undeliverable: (reason) => new UndeliverableError(reason),
    });
    close = closeSmtp;
    outbox = openOutbox(send);
  });
  afterEach(async () => {
    await outbox.stop(0);
    close();
    await post.close();
    await database.drop();
  });

  function openOutbox(send: SendMail): Outbox {
    const mail = mailJob({
      sealer,
      findAddressee: async (to) => ('accountId' in to && to.accountId === 'ana' ? ana : null),
      send,
      origin: new URL('https://id.example.com'),
      texts: mailTexts(),
      clock: () => now,
    });
    return createOutbox({
      store: outboxStore(database.connection),
      handlers: { mail },
      clock: () => now,
      onOutcome: (_job, outcome) => outcomes.push(outcome),
      pollMs: 10,
    });
  }

  const notifications = () => createNotifications({ queue: outbox, sealer });
  async function settled(count: number): Promise<void> {
    for (let i = 0; i < 1000 && outcomes.length < count; i += 1) await wait(5);
    expect(outcomes).to.have.length(count);
  }

  it('arrive with text and HTML, marked as automatic, and without a list to leave', async () => {
    outbox.start();
    await notifications().notify(who, samples['method-added']);
    await settled(1);
    const [mail] = post.mails;
    expect(post.recipients).to.deep.equal([ana.email]);
    expect(mail?.subject).to.equal('A security key was added to your Northwind Support account');
    expect(mail?.from?.text).to.equal('"Stile" <no-reply@id.example.com>');
    expect(mail?.text).to.include('Blue key').and.include('Chrome on Windows');
    expect(mail?.html).to.include('Blue key');
    expect(mail?.headers.get('auto-submitted')).to.equal('auto-generated');
    expect(mail?.headers.has('list')).to.equal(false);
    expect(mail?.messageId).to.match(/^<[0-9a-f]{32}@id\.example\.com>$/);
    expect(mail?.date).to.deep.equal(now);
    expect(mail?.attachments).to.have.length(0);
  });

  it('wait in the outbox sealed: no address, no code, no link in clear', async () => {
    await notifications().notify(
      { tenantId: 'northwind', email: 'sam@northwind.example' },
      samples['enrolment-code'],
    );
    await notifications().notify(who, samples['password-reset']);
    const rows = JSON.stringify(await database.connection.collection('outbox').find({}).toArray());
    for (const clear of ['482 913', '/password/new', 'sam@', ana.email]) expect(rows).to.not.include(clear);
  });

  it('are kept in one way for known and unknown people, and go to nobody who is unknown', async () => {
    outbox.start();
    await notifications().notify(
      { tenantId: 'northwind', email: 'nobody@northwind.example' },
      samples['password-reset'],
    );
    await settled(1);
    expect(outcomes[0]?.kind).to.equal('sent');
    expect(post.mails).to.have.length(0);
  });

  it('are told once of one occasion', async () => {
    outbox.start();
    for (let i = 0; i < 3; i += 1) await notifications().notify(who, samples['new-browser'], 'browser-1');
    await settled(1);
    await wait(50);
    expect(post.mails).to.have.length(1);
  });

  it('are not lost while the mail server is away, and nobody waits for it', async () => {
    const { port } = post;
    await post.close();
    outbox.start();
    await notifications().notify(who, samples['two-factor-off']);
    expect(outcomes).to.deep.equal([]);
    await settled(1);
    expect(outcomes[0]).to.deep.include({ kind: 'retry', error: 'Error: ESOCKET' });
    post = await openPost(port);
    now = new Date(now.getTime() + 5000);
    await settled(2);
    expect(post.mails.map(({ subject }) => subject)).to.deep.equal([
      'Two-factor authentication was turned off for your Northwind Support account',
    ]);
  });

  it('carry the same Message-ID when they are sent twice', async () => {
    post.state.refuse = 451;
    outbox.start();
    await notifications().notify(who, samples['password-changed'], 'p1');
    await settled(1);
    post.state.refuse = null;
    now = new Date(now.getTime() + 5000);
    await settled(2);
    // A crash after sending: the job is there again, as it was.
    const rows = database.connection.collection<{ _id: string }>('outbox');
    const payload = JSON.stringify({
      sealed: sealer.seal(
        JSON.stringify({ to: who, mail: samples['password-changed'] }),
        'mail1|northwind|mail.p1',
      ),
    });
    await rows.updateOne({ _id: 'mail.p1' }, { $set: { state: 'waiting', dueAt: now, payload } });
    await settled(3);
    expect(post.mails).to.have.length(2);
    expect(post.mails[0]?.messageId).to.equal(post.mails[1]?.messageId);
  });

  it('are given up when the server refuses the address for good, without the address in the error', async () => {
    post.state.refuse = 550;
    outbox.start();
    await notifications().notify(who, samples['password-changed']);
    await settled(1);
    expect(outcomes[0]).to.deep.equal({ kind: 'dead', error: 'UndeliverableError: EENVELOPE 550' });
  });

  it('go to one address only, whatever is written in it', async () => {
    const { send, close: closeSmtp } = smtp({
      url: post.url,
      from: 'no-reply@id.example.com',
      host: 'id.example.com',
      undeliverable: (reason) => new UndeliverableError(reason),
    });
    const mail = { subject: 's', text: 't', html: 'h', id: 'x', at: now };
    for (const to of ['a@x.example, b@x.example', 'a@x.example\r\nBcc: b@x.example', 'A <b@x.example>']) {
      await send({ ...mail, to }, new AbortController().signal).catch(() => undefined);
    }
    closeSmtp();
    expect(post.recipients.filter((address) => address === 'b@x.example')).to.deep.equal([]);
  });

  it('are kept in the mailbox where there is no mail server, each once', async () => {
    await outbox.stop(0);
    const mailbox = mailboxStore(database.connection);
    outbox = openOutbox(async (mail, signal) => {
      await mailbox.keep(mail, signal);
      await mailbox.keep(mail, signal);
    });
    outbox.start();
    await notifications().notify(who, samples['recovery-codes-made']);
    await settled(1);
    const kept = await mailbox.newest(10);
    expect(kept).to.have.length(1);
    expect(kept[0]).to.include({
      to: ana.email,
      subject: 'New recovery codes were made. Old ones stopped working',
    });
    expect(await mailbox.find(kept[0]?.id ?? '')).to.deep.equal(kept[0]);
  });
});
