import type { Logo, LogoType, Picture } from './branding.ts';
import type { Tenant } from './tenant.ts';

/** A picture as it is served. */
export interface StoredLogo {
  readonly type: LogoType;
  readonly bytes: Buffer;
}

/**
 * Where pictures lie. One is put in before the tenant points to it: whatever breaks off in between leaves a picture
 * that nobody points to, and the next `put` of the tenant takes it away.
 */
export interface Logos {
  /**
   * Keeps a picture, so that `saveDetails` can point to it in the same request. The same one again is kept once.
   * @param tenant as it was just read: the picture it points to stays, others that are older than an hour go
   * @returns how to point to it; null when 20 lie there already (400 kB), most of them of the last hour
   */
  put(tenant: Pick<Tenant, 'tenantId' | 'branding'>, picture: Picture): Promise<Logo | null>;
  find(tenantId: string, id: string): Promise<StoredLogo | null>;
}
