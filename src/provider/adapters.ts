import type { Adapter } from 'oidc-provider';
import { toRegistration } from './client-facts.ts';
import type { Clients } from './clients.ts';
import { orUnavailable } from './unavailable.ts';

/** Clients as the provider reads them. */
export function clientAdapter(source: Clients): Adapter {
  const readOnly = () => Promise.reject(new Error('clients are written by provisioning alone'));
  return {
    find: async (id) => toRegistration(await source.find(id)),
    upsert: readOnly,
    destroy: readOnly,
    consume: readOnly,
    revokeByGrantId: () => Promise.resolve(),
    findByUid: () => Promise.resolve(undefined),
    findByUserCode: () => Promise.resolve(undefined),
  };
}

/** The same adapter, which says that the database is away in words that apps know. */
export function patient(adapter: Adapter): Adapter {
  return {
    upsert: (...all) => orUnavailable(adapter.upsert(...all)),
    find: (id) => orUnavailable(adapter.find(id)),
    findByUid: (uid) => orUnavailable(adapter.findByUid(uid)),
    findByUserCode: (code) => orUnavailable(adapter.findByUserCode(code)),
    consume: (id) => orUnavailable(adapter.consume(id)),
    destroy: (id) => orUnavailable(adapter.destroy(id)),
    revokeByGrantId: (id) => orUnavailable(adapter.revokeByGrantId(id)),
  };
}
