import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { connectDatabase, isDatabaseAway } from '../../src/storage/database.ts';
import { testDatabase, type TestDatabase } from '../support/database.ts';

describe('a command that is sent while its connection is closing', () => {
  let database: TestDatabase;
  before(async () => void (database = await testDatabase()));
  after(() => database.drop());

  /** Opens a connection of its own. @returns its sockets, newest last */
  async function open() {
    const sockets: Socket[] = [];
    const note = (message: unknown) => void sockets.push((message as { socket: Socket }).socket);
    subscribe('net.client.socket', note);
    const opened = await connectDatabase(database.uri, { dbName: database.name });
    const rows = opened.connection.collection('pens');
    await rows.findOne({});
    unsubscribe('net.client.socket', note);
    return { ...opened, rows, sockets };
  }

  it('fails as one whose database is away, and does not wait for ever', async () => {
    const { rows, sockets, close } = await open();
    // Destroyed, and nobody was told yet: so it is for a moment whenever a database stops.
    for (const socket of sockets) socket.destroy();
    const late = { name: 'no answer' };
    const error: unknown = await Promise.race([
      rows.insertOne({ colour: 'red' }).catch((reason: unknown) => reason),
      wait(8000, late),
    ]);
    expect(error).to.not.equal(late);
    if (error instanceof Error) expect(isDatabaseAway(error)).to.equal(true);
    await close();
  }).timeout(20_000);
});
