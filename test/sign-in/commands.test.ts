import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import mongoose from 'mongoose';
import { appAt, APP, type App, type Tokens } from '../bench/app.ts';
import { sender } from '../bench/http.ts';
import { sharedEngine } from '../support/database.ts';
import { PASSWORD, startIdp, type Idp } from '../support/idp.ts';

/** Sent by the clock, or as often as a short memory runs out: no part of what one request costs. */
const IN_THE_BACKGROUND = ['outbox', 'dev_mails', 'audit_marks', 'tenants', 'clients'];
const SENT_FOR_DATA = ['find', 'aggregate', 'insert', 'update', 'delete', 'findAndModify'];

/** Most of what a request costs beyond the password's hash is the sending and answering of commands. */
describe('the commands to the database', () => {
  let idp: Idp;
  let app: App;
  let tokens: Tokens;
  let sent: string[];

  before(async () => {
    const { uri } = await sharedEngine();
    const name = `stile_test_${randomBytes(6).toString('hex')}`;
    const connection = await mongoose
      .createConnection(uri, { dbName: name, monitorCommands: true, bufferCommands: false })
      .asPromise();
    connection.getClient().on('commandStarted', ({ commandName, command }) => {
      const collection = String(command[commandName]);
      if (SENT_FOR_DATA.includes(commandName) && !IN_THE_BACKGROUND.includes(collection))
        sent.push(`${commandName} ${collection}`);
    });
    async function drop() {
      await connection.dropDatabase();
      await connection.close();
    }
    sent = [];
    idp = await startIdp({ database: { uri, name, connection, drop } });
    await idp.addClient({ ...APP, client_name: 'Bench', first_party: true });
    app = appAt(idp.base, sender(idp.base));
  });
  after(() => idp.close());

  async function signIn(email: string): Promise<Tokens> {
    await idp.addPerson(email, { app: true });
    sent = [];
    return app.signIn([{ email, password: PASSWORD }, { code: await idp.appCode() }]);
  }

  // The first of a tenant reads where its audit log ends.
  before(async () => void (tokens = await signIn('ana@northwind.example')));

  it('are at most 39 in a sign-in with an app code, its tokens and userinfo', async () => {
    await signIn('ben@northwind.example');
    expect(sent, sent.join('\n')).to.have.length.at.most(39);
  });

  it('is one for userinfo, with everything that decides whether the token counts', async () => {
    sent = [];
    await app.userinfo(tokens);
    expect(sent).to.deep.equal(['aggregate oidc_access_token']);
  });

  it('is one for introspection', async () => {
    sent = [];
    await app.introspect(tokens);
    expect(sent).to.deep.equal(['aggregate oidc_access_token']);
  });

  it('are four for a refresh: one read, the mark on the old token, two new tokens', async () => {
    sent = [];
    tokens = await app.refresh(tokens);
    expect(sent).to.have.members([
      'aggregate oidc_refresh_token',
      'update oidc_refresh_token',
      'insert oidc_refresh_token',
      'insert oidc_access_token',
    ]);
  });
});
