import { expect } from 'chai';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { cachedClients, clientRecord } from '../../src/provider/clients.ts';
import { clientStore } from '../../src/provider/client-store.ts';
import { GRANTED, KIND, MODELS, collectionOf } from '../../src/provider/model-rows.ts';
import type { ProviderStore } from '../../src/provider/provider-data.ts';
import { providerStore } from '../../src/provider/provider-store.ts';
import { testDatabase, type TestDatabase } from '../support/database.ts';

const START = new Date('2030-01-01T12:00:00Z');
const seconds = (moment: Date) => Math.floor(moment.getTime() / 1000);
const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: Error & { error?: string }) => error,
  );
const times = <T>(count: number, work: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => work(index));

describe('the provider’s adapter', () => {
  let database: TestDatabase;
  let store: ProviderStore;
  let now = START;

  before(async () => void (database = await testDatabase()));
  after(() => database.drop());
  beforeEach(() => {
    now = START;
    // A clock that never stands still: two writes of the same moment would look like one.
    const ticking = () => (now = new Date(now.getTime() + 1));
    store = providerStore(database.connection, clientStore(database.connection), ticking);
  });

  let last = 0;
  const fresh = () => `id-${(last += 1)}`;
  const lasting = (more: AdapterPayload = {}): AdapterPayload => ({
    exp: seconds(now) + 600,
    iat: seconds(now),
    ...more,
  });

  for (const model of MODELS) {
    describe(`for ${model}`, () => {
      let adapter: Adapter;
      beforeEach(() => void (adapter = store.adapter(model)));

      it('gives back what it was given, maps with dots and empty objects too', async () => {
        const id = fresh();
        const payload = lasting({
          jti: id,
          kind: model,
          result: { mfa: {}, consent: {} },
          params: { 'https://api.example/a.b': { $c: 'd' } },
        });
        await adapter.upsert(id, payload, 600);
        expect(await adapter.find(id)).to.deep.equal(payload);
      });

      it('does not know what was never there', async () => {
        expect(await adapter.find(fresh())).to.equal(undefined);
      });

      it('does not give back what has expired, though it is still stored', async () => {
        const id = fresh();
        await adapter.upsert(id, lasting({ jti: id }), 600);
        now = new Date(START.getTime() + 616_000);
        expect(await adapter.find(id)).to.equal(undefined);
      });

      it('forgets what was destroyed', async () => {
        const id = fresh();
        await adapter.upsert(id, lasting({ jti: id }), 600);
        await adapter.destroy(id);
        expect(await adapter.find(id)).to.equal(undefined);
      });

      if (KIND[model] === 'rewritten') {
        it('never brings back what was destroyed, also when a save comes after it', async () => {
          const id = fresh();
          await adapter.upsert(id, lasting({ jti: id, accountId: 'ana' }), 600);
          const saves = times(20, () => adapter.upsert(id, lasting({ jti: id, accountId: 'ana' }), 600));
          await Promise.all([...saves, adapter.destroy(id)]);
          await adapter.upsert(id, lasting({ jti: id, accountId: 'ana' }), 600);
          expect(await adapter.find(id)).to.equal(undefined);
        });

        it('takes a second save of the same thing', async () => {
          const id = fresh();
          await adapter.upsert(id, lasting({ jti: id }), 600);
          await adapter.upsert(id, lasting({ jti: id, cid: 'second' }), 600);
          expect(await adapter.find(id)).to.include({ cid: 'second' });
        });
      }

      if (KIND[model] === 'once') {
        it('lets one of 50 callers consume it', async () => {
          const id = fresh();
          await adapter.upsert(id, lasting({ jti: id }), 600);
          const outcomes = await Promise.all(times(50, () => errorOf(adapter.consume(id))));
          const refusals = outcomes.filter((error) => error !== null);
          expect(refusals).to.have.length(49);
          const word = model === 'PushedAuthorizationRequest' ? 'invalid_request_uri' : 'invalid_grant';
          expect(new Set(refusals.map(({ error }) => error))).to.deep.equal(new Set([word]));
        });

        it('says of a consumed one when that was', async () => {
          const id = fresh();
          await adapter.upsert(id, lasting({ jti: id }), 600);
          await adapter.consume(id);
          expect(await adapter.find(id)).to.include({ consumed: seconds(now) });
        });
      }

      if (model !== 'Grant' && model !== 'ReplayDetection') {
        it('keeps no id that would open something in the database', async () => {
          const id = `secret-of-${fresh()}`;
          await adapter.upsert(id, lasting({ jti: id, session: { cookie: `cookie-${id}`, uid: 'u' } }), 600);
          const rows = await database.connection.collection(collectionOf(model)).find().toArray();
          expect(JSON.stringify(rows)).not.to.contain(id);
        });
      }
    });
  }

  for (const model of GRANTED) {
    it(`revokes every ${model} of a grant, and none of another`, async () => {
      const adapter = store.adapter(model);
      const [grantId, other] = [fresh(), fresh()];
      const ids = times(5, fresh);
      const spared = fresh();
      await Promise.all(ids.map((id) => adapter.upsert(id, lasting({ jti: id, grantId }), 600)));
      await adapter.upsert(spared, lasting({ jti: spared, grantId: other }), 600);
      await adapter.revokeByGrantId(grantId);
      for (const id of ids) expect(await adapter.find(id)).to.equal(undefined);
      expect(await adapter.find(spared)).to.include({ grantId: other });
    });
  }

  it('lets one of 50 callers end a sign-in, whose result it then has alone', async () => {
    const adapter = store.adapter('Interaction');
    const id = fresh();
    await adapter.upsert(id, lasting({ jti: id }), 60);
    const outcomes = await Promise.all(times(50, () => errorOf(adapter.destroy(id))));
    expect(outcomes.filter((error) => error === null)).to.have.length(1);
    const others = new Set(outcomes.filter((error) => error !== null).map(({ name }) => name));
    expect([...others]).to.deep.equal(['SessionNotFound']);
  });

  it('takes one proof of possession of 50 equal ones', async () => {
    const adapter = store.adapter('ReplayDetection');
    const id = fresh();
    const outcomes = await Promise.all(
      times(50, () => errorOf(adapter.upsert(id, lasting({ jti: id }), 60))),
    );
    const refusals = outcomes.filter((error) => error !== null);
    expect(refusals).to.have.length(49);
    expect(refusals[0]).to.include({ error: 'invalid_request', status: 400 });
  });

  it('refuses a model that is switched off', () => {
    expect(() => store.adapter('DeviceCode')).to.throw('switched off');
  });

  it('ends grants with all that was made from them', async () => {
    const [grantId, id] = [fresh(), fresh()];
    await store
      .adapter('Grant')
      .upsert(grantId, lasting({ jti: grantId, accountId: 'g', clientId: 'a.b' }), 600);
    await store.adapter('RefreshToken').upsert(id, lasting({ jti: id, grantId }), 600);
    expect(await store.grantsOf('g')).to.deep.equal([{ grantId, clientId: 'a.b' }]);
    await store.revokeGrants([grantId]);
    expect(await store.grantsOf('g')).to.deep.equal([]);
    expect(await store.adapter('RefreshToken').find(id)).to.equal(undefined);
  });

  describe('for clients', () => {
    const desk = { client_id: 'desk', client_secret: 'first', redirect_uris: ['https://desk.example/cb'] };

    it('gives the provider a digest in place of the secret', async () => {
      await clientStore(database.connection).save(clientRecord({ ...desk, tenant: 'northwind' }));
      const found = await store.adapter('Client').find('desk');
      expect(found).to.include({ client_id: 'desk', tenant: 'northwind' });
      expect(found?.client_secret).to.be.a('string').and.not.contain('first');
    });

    it('remembers a client for three seconds, and its own changes at once', async () => {
      const plain = clientStore(database.connection);
      const cached = cachedClients(plain, () => now);
      await cached.save(clientRecord({ ...desk, client_name: 'One' }));
      expect((await cached.find('desk'))?.metadata.client_name).to.equal('One');
      await plain.save(clientRecord({ ...desk, client_name: 'Two' }));
      expect((await cached.find('desk'))?.metadata.client_name).to.equal('One');
      now = new Date(START.getTime() + 3000);
      expect((await cached.find('desk'))?.metadata.client_name).to.equal('Two');
      await cached.save(clientRecord({ ...desk, client_name: 'Three' }));
      expect((await cached.find('desk'))?.metadata.client_name).to.equal('Three');
    });

    it('keeps the digest of a secret that did not change', () => {
      const first = clientRecord(desk);
      expect(clientRecord(desk, first).secretDigest).to.equal(first.secretDigest);
      expect(clientRecord({ ...desk, client_secret: 'second' }, first).secretDigest).not.to.equal(
        first.secretDigest,
      );
    });
  });
});
