import { expect } from 'chai';
import type { Account } from '../../src/accounts/account.ts';
import type { Occasion } from '../../src/admin/occasion.ts';
import type { PolicyWish } from '../../src/admin/policy-save.ts';
import { DomainError } from '../../src/core/errors.ts';
import type { PolicyChanges } from '../../src/tenants/policy-schema.ts';
import { startIdp, type Idp } from '../support/idp.ts';

const REQUIRED: PolicyChanges = { secondFactor: 'required' };

describe('saving a policy', () => {
  let idp: Idp;
  let tenantId: string;
  let boss: Account;
  let number = 0;

  before(async () => {
    idp = await startIdp();
  });
  after(() => idp.close());

  const add = async (name: string, has = {}) =>
    (await idp.addPerson(`${name}@${tenantId}.example`, has)).account;
  const occasion = (): Occasion => ({
    editor: { kind: 'person', who: boss },
    reference: 'ref-1',
    source: '127.0.0.0/24',
  });
  const save = (wish: Partial<PolicyWish> = {}, by = occasion()) =>
    idp.app.admin.savePolicy(
      { tenantId, version: null, changes: REQUIRED, confirmSignedOut: null, ...wish },
      by,
    );
  const policy = async () => (await idp.app.stores.tenants.findFresh(tenantId))?.policy;
  const events = async () =>
    (await idp.app.stores.operations.search.list(tenantId, {}, { limit: 50 })).records
      .filter(({ event }) => event.startsWith('policy') || event.startsWith('enforcement_st'))
      .toReversed();
  /** @returns the code of the refusal */
  const refused = async (saving: Promise<unknown>) =>
    saving.then(
      () => 'saved',
      (error: unknown) => (error instanceof DomainError ? [error.code, error.detail] : error),
    );

  beforeEach(async () => {
    number += 1;
    tenantId = `tenant${number}`;
    await idp.addTenant(tenantId);
    boss = await add('boss', { app: true });
    await add('ana');
    await add('ben');
    await add('kim', { keys: [{}] });
  });

  it('says how many people it signs out, and is written down with what was before', async () => {
    expect(await save()).to.include({ ok: true, signedOut: 2 });
    expect(await policy()).to.include({ secondFactor: 'required', version: 2 });
    const [changed, started] = await events();
    expect(changed).to.deep.include({ event: 'policy_changed', result: 'ok', reference: 'ref-1' });
    expect(changed?.actor).to.deep.equal({ tenantId, accountId: boss.accountId });
    expect(JSON.parse(changed?.details ?? '{}')).to.nested.include({
      'before.secondFactor': 'optional',
      'after.secondFactor': 'required',
      signedOut: 2,
      version: 2,
    });
    expect(started).to.deep.include({ event: 'enforcement_started' });
  });

  it('gives the true number back, and saves nothing, when another one was confirmed', async () => {
    expect(await save({ confirmSignedOut: 3 })).to.deep.equal({ ok: false, signedOut: 2 });
    expect(await policy()).to.include({ secondFactor: 'optional', version: 1 });
    await add('cai');
    expect(await save({ confirmSignedOut: 2 })).to.deep.equal({ ok: false, signedOut: 3 });
    expect(await save({ confirmSignedOut: 3 })).to.include({ ok: true });
  });

  it('is refused to somebody who has no method that the new policy allows', async () => {
    const ana = await idp.app.stores.accounts.findByEmail(tenantId, `ana@${tenantId}.example`);
    if (!ana) throw new Error('nobody');
    const byAna: Occasion = { ...occasion(), editor: { kind: 'person', who: ana } };
    expect(await refused(save({}, byAna))).to.deep.equal(['refused', 'own_method_missing']);
    const keysOnly = { ...REQUIRED, allowedMethods: ['security-key' as const] };
    expect(await refused(save({ changes: keysOnly }))).to.deep.equal(['refused', 'own_method_missing']);
    expect(await policy()).to.include({ secondFactor: 'optional', version: 1 });
    expect(await save({ changes: { skips: 3 } }, byAna), 'an optional one').to.include({ ok: true });
  });

  it('is refused to who would hold nothing that is allowed, also where two factors are optional', async () => {
    const keysOnly = { allowedMethods: ['security-key' as const] };
    const noModel = { keys: { allowModels: ['01234567-89ab-cdef-0123-456789abcdef'] } };
    for (const changes of [keysOnly, { ...noModel, ...keysOnly }])
      expect(await refused(save({ changes }))).to.deep.equal(['refused', 'own_method_missing']);
    expect(await policy()).to.include({ version: 1 });
  });

  it('is refused to a machine that would leave no admin a method, of whom one has one now', async () => {
    const machine: Occasion = { ...occasion(), editor: { kind: 'client', clientId: 'machine' } };
    const keysOnly = { allowedMethods: ['security-key' as const] };
    const toKeys = () => refused(save({ changes: keysOnly }, machine));
    expect(await toKeys(), 'no admin yet').to.equal('saved');
    await save({ changes: { allowedMethods: ['security-key', 'authenticator-app'] } }, machine);
    const boss2 = await idp.app.stores.accounts.save(boss, { roles: ['admin'] });
    expect(boss2?.roles).to.deep.equal(['admin']);
    expect(await toKeys()).to.deep.equal(['refused', 'admin_method_missing']);
    expect((await policy())?.allowedMethods).to.include('authenticator-app');
    const kim = await idp.app.stores.accounts.findByEmail(tenantId, `kim@${tenantId}.example`);
    if (kim) await idp.app.stores.accounts.save(kim, { roles: ['admin'] });
    expect(await toKeys(), 'one is left').to.equal('saved');
  });

  it('is refused on an old version; of many at once on the same version one is saved', async () => {
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, n) => refused(save({ version: 1, changes: { ...REQUIRED, skips: n } }))),
    );
    expect(all.filter((one) => one === 'saved')).to.have.length(1);
    const others = all.filter((one) => one !== 'saved');
    for (const other of others) expect(other).to.deep.equal(['changed_meanwhile', undefined]);
    const now = await policy();
    expect(now?.version).to.equal(2);
    expect(all[now?.skips ?? -1]).to.equal('saved');
  });

  it('is not made when it cannot be written down', async () => {
    const { audit } = idp.app.stores.operations;
    const record = audit.record.bind(audit);
    Object.assign(audit, { record: () => Promise.reject(new Error('the log is away')) });
    try {
      expect(await refused(save())).to.have.property('message', 'the log is away');
    } finally {
      Object.assign(audit, { record });
    }
    expect(await policy()).to.include({ secondFactor: 'optional', version: 1 });
  });

  it('knows nothing of a tenant that there is not', async () => {
    expect(await refused(save({ tenantId: 'nowhere' }))).to.deep.equal(['not_found', undefined]);
  });
});
