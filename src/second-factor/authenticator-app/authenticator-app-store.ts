import type { Connection } from 'mongoose';
import type { AccountRef } from '../../core/account-ref.ts';
import type { CollectionSpec } from '../../storage/indexes.ts';
import { type Vault, VaultError } from '../../storage/vault.ts';
import type { AuthenticatorApp, AuthenticatorAppStore } from './authenticator-app.ts';

export const authenticatorAppCollection: CollectionSpec = {
  name: 'authenticator_apps',
  indexes: [{ key: { tenantId: 1, accountId: 1 } }],
};

type Row = Omit<AuthenticatorApp, 'id'> & {
  _id: string;
  sealedSecret: string;
  lastTimeStep: number;
  /** Steps to come whose codes were given away: never accepted. */
  burntTimeSteps: number[];
};

/**
 * An app that is about to be added: its secret in plain, and the step of the code that proved it (RFC 6238 section
 * 5.2).
 */
export type NewAuthenticatorApp = Pick<
  AuthenticatorApp,
  'id' | 'tenantId' | 'accountId' | 'name' | 'addedAt'
> & {
  readonly secret: string;
  readonly lastTimeStep: number;
};

/** What set-up, settings and provisioning do with apps beyond proving them. */
export interface AuthenticatorApps extends AuthenticatorAppStore {
  list(who: AccountRef): Promise<AuthenticatorApp[]>;
  /** It counts as soon as `account.methods` lists it, not before. @returns false when the id is taken */
  insert(app: NewAuthenticatorApp): Promise<boolean>;
  rename(who: AccountRef, id: string, name: string): Promise<boolean>;
  remove(who: AccountRef, id: string): Promise<boolean>;
  /** Seals anew what an older key sealed, so that the key can go (rule sealed). May be repeated, also beside use. */
  resealAll(): Promise<Resealed>;
}

/** `unopened`: secrets that no key opens; they stay as they are. */
export interface Resealed {
  readonly resealed: number;
  readonly unopened: number;
}

const context = ({ tenantId, accountId }: AccountRef, id: string) => `totp1|${tenantId}|${accountId}|${id}`;

function toApp({ _id, ...row }: Row): AuthenticatorApp {
  const { tenantId, accountId, name, addedAt, lastUsedAt, offsetSteps } = row;
  return { id: _id, tenantId, accountId, name, addedAt, lastUsedAt, offsetSteps };
}

/**
 * Apps in MongoDB. Above this file no code meets a sealed secret; below it no backup holds a plain one.
 * @param alarm called when a secret does not open: keys are missing, or somebody moved or changed a row
 */
export function authenticatorAppStore(
  connection: Connection,
  vault: Vault,
  alarm: (who: AccountRef, problem: VaultError) => void,
): AuthenticatorApps {
  const rows = connection.collection<Row>(authenticatorAppCollection.name);
  const one = ({ tenantId, accountId }: AccountRef, id: string) => ({ _id: id, tenantId, accountId });

  function secretOf(row: Row): string | null {
    try {
      return vault.open(row.sealedSecret, context(row, row._id));
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      alarm(row, error);
      return null;
    }
  }

  return {
    async open({ tenantId, accountId }, ids) {
      const found = await rows.find({ tenantId, accountId, _id: { $in: [...ids] } }).toArray();
      return found.map((row) => ({ ...toApp(row), secret: secretOf(row), lastTimeStep: row.lastTimeStep }));
    },

    async spendTimeStep(app, timeStep, { at, offsetSteps }) {
      const fresh = {
        ...one(app, app.id),
        lastTimeStep: { $lt: timeStep },
        burntTimeSteps: { $ne: timeStep },
      };
      const spent = { lastTimeStep: timeStep, lastUsedAt: at, offsetSteps };
      const { modifiedCount } = await rows.updateOne(fresh, { $set: spent });
      return modifiedCount === 1;
    },

    async burnTimeStep(app, timeStep, present) {
      await rows.updateOne(one(app, app.id), { $addToSet: { burntTimeSteps: timeStep } });
      await rows.updateOne(one(app, app.id), { $pull: { burntTimeSteps: { $lt: present - 1 } } });
    },

    async list({ tenantId, accountId }) {
      const found = await rows.find({ tenantId, accountId }).toArray();
      return found.map(toApp);
    },

    async insert({ id, secret, ...app }) {
      const sealedSecret = vault.seal(secret, context(app, id));
      try {
        await rows.insertOne({
          _id: id,
          ...app,
          sealedSecret,
          burntTimeSteps: [],
          lastUsedAt: null,
          offsetSteps: 0,
        });
        return true;
      } catch (error) {
        if ((error as { code?: unknown }).code === 11000) return false;
        throw error;
      }
    },

    async rename(who, id, name) {
      const { matchedCount } = await rows.updateOne(one(who, id), { $set: { name } });
      return matchedCount === 1;
    },

    async remove(who, id) {
      const { deletedCount } = await rows.deleteOne(one(who, id));
      return deletedCount === 1;
    },

    async resealAll() {
      const done = { resealed: 0, unopened: 0 };
      for await (const row of rows.find({})) {
        const secret = secretOf(row);
        if (secret === null) done.unopened += 1;
        if (secret === null || !vault.isStale(row.sealedSecret)) continue;
        const sealedSecret = vault.seal(secret, context(row, row._id));
        const same = { ...one(row, row._id), sealedSecret: row.sealedSecret };
        const { modifiedCount } = await rows.updateOne(same, { $set: { sealedSecret } });
        done.resealed += modifiedCount;
      }
      return done;
    },
  };
}
