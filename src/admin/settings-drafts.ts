import type { AccountRef } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import { randomId, type Random } from '../core/random.ts';
import type { Picture } from '../tenants/branding.ts';

/** What somebody typed and chose for how the company's pages look, and has not saved. */
export interface SettingsDraft extends AccountRef {
  readonly draftId: string;
  /** As they were typed, right or wrong. */
  readonly fields: Readonly<Record<string, string>>;
  /** As we drew it; null = none was chosen. */
  readonly logo: Picture | null;
  readonly expiresAt: Date;
}

export interface SettingsDraftStore {
  insert(draft: SettingsDraft): Promise<void>;
  find(draftId: string): Promise<SettingsDraft | null>;
}

/** How long one is kept; milliseconds. */
const DRAFT_MS = 60 * 60 * 1000;

export interface SettingsDraftPorts {
  readonly store: SettingsDraftStore;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Keeps what a form held while its owner looks at a preview or proves who it is: a browser does not send a file twice.
 * It is nobody else's, and each time another one, so that two tabs do not mix.
 */
export function createSettingsDrafts({ store, clock, random }: SettingsDraftPorts) {
  return {
    /** @returns its id */
    async keep(
      { tenantId, accountId }: AccountRef,
      { fields, logo }: Pick<SettingsDraft, 'fields' | 'logo'>,
    ): Promise<string> {
      const draftId = randomId(random);
      const expiresAt = new Date(clock().getTime() + DRAFT_MS);
      await store.insert({ draftId, tenantId, accountId, fields, logo, expiresAt });
      return draftId;
    },

    /** @returns null for what is gone, and for what is somebody else's */
    async find({ tenantId, accountId }: AccountRef, draftId: string): Promise<SettingsDraft | null> {
      const draft = await store.find(draftId);
      const own = draft?.tenantId === tenantId && draft.accountId === accountId;
      return own && draft.expiresAt > clock() ? draft : null;
    },
  };
}
