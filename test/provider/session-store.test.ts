import { expect } from 'chai';
import type { Adapter } from 'oidc-provider';
import { clientStore } from '../../src/provider/client-store.ts';
import type { ProviderStore } from '../../src/provider/provider-data.ts';
import { providerStore } from '../../src/provider/provider-store.ts';
import { sessionAdapter } from '../../src/provider/session-store.ts';
import { NOTHING_AHEAD } from '../../src/storage/read-ahead.ts';
import { testDatabase, type TestDatabase } from '../support/database.ts';

const now = new Date('2030-01-01T12:00:00Z');
const seconds = Math.floor(now.getTime() / 1000);
const times = <T>(count: number, work: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => work(index));

describe('a stored session', () => {
  let database: TestDatabase;
  let store: ProviderStore;
  before(async () => {
    database = await testDatabase();
    store = providerStore(database.connection, clientStore(database.connection), () => now);
  });
  after(() => database.drop());

  let last = 0;
  const fresh = () => `id-${(last += 1)}`;

  let sessions: Adapter;
  beforeEach(() => void (sessions = store.adapter('Session')));
  const session = (uid: string, clients: string[], accountId = 'ana') => ({
    exp: seconds + 600,
    iat: seconds,
    uid,
    accountId,
    loginTs: seconds,
    authorizations: Object.fromEntries(
      clients.map((name) => [name, { sid: `sid-${name}`, grantId: `g-${name}` }]),
    ),
  });
  const clientsOf = async (uid: string) =>
    Object.keys((await sessions.findByUid(uid))?.authorizations ?? {}).sort();

  it('keeps the clients of 20 requests that all began with the same session', async () => {
    const [id, uid] = [fresh(), fresh()];
    await sessions.upsert(id, session(uid, []), 600);
    await Promise.all(times(20, (n) => sessions.upsert(id, session(uid, [`app.${n}`]), 600)));
    expect(await clientsOf(uid)).to.have.length(20);
  });

  it('keeps a client that came while the session changed its id', async () => {
    for (let round = 0; round < 20; round += 1) {
      const [before, after, uid] = [fresh(), fresh(), fresh()];
      await sessions.upsert(before, session(uid, ['one']), 600);
      await Promise.all([
        sessions.destroy(before).then(() => sessions.upsert(after, session(uid, ['one', 'two']), 600)),
        sessions.upsert(before, session(uid, ['one', 'three']), 600),
      ]);
      expect(await clientsOf(uid), `round ${round}`).to.deep.equal(['one', 'three', 'two']);
    }
  });

  it('hands nothing on to a session of somebody else', async () => {
    const [before, after, uid] = [fresh(), fresh(), fresh()];
    await sessions.upsert(before, session(uid, ['one'], 'ana'), 600);
    await sessions.destroy(before);
    await sessions.upsert(after, session(uid, ['two'], 'ben'), 600);
    await sessions.upsert(before, session(uid, ['three'], 'ana'), 600);
    expect(await clientsOf(uid)).to.deep.equal(['two']);
  });

  it('is found by its uid, under the id that is the newest', async () => {
    const [before, after, uid] = [fresh(), fresh(), fresh()];
    await sessions.upsert(before, session(uid, []), 600);
    await sessions.destroy(before);
    await sessions.upsert(after, session(uid, ['one']), 600);
    expect(await sessions.find(before)).to.equal(undefined);
    expect(await clientsOf(uid)).to.deep.equal(['one']);
  });

  it('ends for good by its uid, whatever is in flight', async () => {
    const [id, uid, accountId] = [fresh(), fresh(), fresh()];
    await sessions.upsert(id, session(uid, ['one'], accountId), 600);
    const saves = times(20, () => sessions.upsert(id, session(uid, ['one'], accountId), 600));
    await Promise.all([...saves, store.endSession(uid)]);
    expect(await sessions.find(id)).to.equal(undefined);
    expect(await sessions.findByUid(uid)).to.equal(undefined);
    expect(await store.sessionsOf(accountId)).to.deep.equal([]);
  });

  it('ends for good by its uid also while it changes its id', async () => {
    for (const first of ['the end', 'the old id', 'both at once']) {
      const [before, after, uid, accountId] = [fresh(), fresh(), fresh(), fresh()];
      await sessions.upsert(before, session(uid, ['one'], accountId), 600);
      const ends = () => store.endSession(uid);
      const changes = () => sessions.destroy(before);
      if (first === 'the end') await ends().then(changes);
      else if (first === 'the old id') await changes().then(ends);
      else await Promise.all([ends(), changes()]);
      await sessions.upsert(after, session(uid, ['one'], accountId), 600);
      expect(await sessions.find(after), first).to.equal(undefined);
      expect(await sessions.findByUid(uid), first).to.equal(undefined);
      expect(await store.sessionsOf(accountId), first).to.deep.equal([]);
    }
  });

  /** What one request saves: it has read the session before, and goes on under another id. */
  const at = (rises: boolean, signsOut = false) => {
    const request = {};
    return sessionAdapter(database.connection, () => now, {
      request: () => request,
      device: () => null,
      rises: () => rises,
      signsOut: () => signsOut,
      tenantOf: () => Promise.resolve(null),
      ahead: NOTHING_AHEAD,
    });
  };
  const goOn = async (adapter: Adapter, before: string, after: string, uid: string) => {
    await adapter.destroy(before);
    await adapter.upsert(after, session(uid, ['one']), 600);
  };

  describe('in which somebody proves something', () => {
    it('lives on under the id of that browser alone, whichever request under way comes first', async () => {
      for (const first of ['the proof', 'the other', 'both at once']) {
        const [before, proved, copied, uid] = [fresh(), fresh(), fresh(), fresh()];
        await sessions.upsert(before, session(uid, ['one']), 600);
        const [rising, other] = [at(true), at(false)];
        await Promise.all([rising.find(before), other.find(before)]);
        const rise = () => goOn(rising, before, proved, uid);
        const follow = () => goOn(other, before, copied, uid);
        if (first === 'the proof') await rise().then(follow);
        else if (first === 'the other') await follow().then(rise);
        else await Promise.all([rise(), follow()]);
        const found = await Promise.all([before, proved, copied].map((id) => sessions.find(id)));
        expect(
          found.map((one) => one !== undefined),
          first,
        ).to.deep.equal([false, true, false]);
      }
    });

    it('goes on to the next id afterwards as any other does', async () => {
      const [before, proved, next, uid] = [fresh(), fresh(), fresh(), fresh()];
      await sessions.upsert(before, session(uid, ['one']), 600);
      const rising = at(true);
      await rising.find(before);
      await goOn(rising, before, proved, uid);
      const later = at(false);
      await later.find(proved);
      await goOn(later, proved, next, uid);
      expect(await sessions.find(next)).to.not.equal(undefined);
    });

    it('comes back under its old id by no request that still saves it', async () => {
      const [before, proved, uid] = [fresh(), fresh(), fresh()];
      await sessions.upsert(before, session(uid, ['one']), 600);
      const [rising, late] = [at(true), at(false)];
      await Promise.all([rising.find(before), late.find(before)]);
      await goOn(rising, before, proved, uid);
      await late.upsert(before, session(uid, ['one', 'two']), 600);
      expect(await sessions.find(before)).to.equal(undefined);
      expect(await clientsOf(uid)).to.deep.equal(['one', 'two']);
    });
  });

  it('stays signed out also where a request under way gives it another id', async () => {
    for (const first of ['the sign-out', 'the other']) {
      const [before, after, uid] = [fresh(), fresh(), fresh()];
      await sessions.upsert(before, session(uid, ['one']), 600);
      const [leaving, late] = [at(false, true), at(false)];
      await Promise.all([leaving.find(before), late.find(before)]);
      if (first === 'the sign-out') await leaving.destroy(before);
      await goOn(late, before, after, uid);
      if (first === 'the other') await leaving.destroy(before);
      expect(await sessions.find(after), first).to.equal(undefined);
    }
  });

  it('lists the live sessions of an account and no other', async () => {
    const [mine, gone, accountId] = [fresh(), fresh(), fresh()];
    await sessions.upsert(fresh(), session(mine, ['a.b'], accountId), 600);
    await sessions.upsert(fresh(), session(gone, [], accountId), 600);
    await sessions.upsert(fresh(), session(fresh(), [], 'somebody-else'), 600);
    await store.endSession(gone);
    const found = await store.sessionsOf(accountId);
    expect(found).to.have.length(1);
    expect(found[0]).to.deep.include({
      uid: mine,
      authorizations: { 'a.b': { sid: 'sid-a.b', grantId: 'g-a.b' } },
    });
  });
});
