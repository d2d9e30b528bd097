import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export type Post = Awaited<ReturnType<typeof openPost>>;

/** A real mail server on loopback that keeps what it is given. `refuse` answers every recipient with that code. */
export async function openPost(port = 0) {
  const mails: ParsedMail[] = [];
  const recipients: string[] = [];
  const state: { refuse: number | null } = { refuse: null };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo(address, _session, done) {
      if (state.refuse === null) {
        recipients.push(address.address);
        done();
      } else {
        done(Object.assign(new Error('refused'), { responseCode: state.refuse }));
      }
    },
    onData(stream, _session, done) {
      simpleParser(stream).then((mail) => {
        mails.push(mail);
        done();
      }, done);
    },
  });
  // A client that goes away in the middle is its own affair.
  server.on('error', () => undefined);
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  const open = (server.server.address() as AddressInfo).port;
  return {
    mails,
    recipients,
    state,
    port: open,
    url: `smtp://127.0.0.1:${open}`,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
