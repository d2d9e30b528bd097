import { createHash } from 'node:crypto';
import type { Logo, Picture } from './branding.ts';

/** @returns how a tenant points to a picture; the id is the same wherever it is made */
export function logoOf(tenantId: string, { type, bytes, width, height }: Picture): Logo {
  const id = createHash('sha256').update(`${tenantId}\n${type}\n`).update(bytes).digest('base64url');
  return { id, type, width, height };
}
