import { z } from 'zod';
import { ENROLLABLE, METHOD_IDS } from '../core/method-ids.ts';

const aaguid = z
  .string()
  .toLowerCase()
  .regex(
    /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/,
    'must be an AAGUID such as cb69481e-8ff7-4039-93ec-0a2729a154a8',
  );
/** A moment as text (RFC 3339), or a day, which begins at midnight UTC. */
const moment = z.union([z.iso.datetime({ offset: true }), z.iso.date()], {
  error: 'must be a date such as 2026-09-01 or 2026-09-01T08:00:00+02:00',
});
const day = 24 * 60 * 60;

/**
 * A tenant's policy as the provisioning file and the admin API give it; what is absent is not touched. The meaning of
 * each field is in `Policy`.
 */
export const policySchema = z.strictObject({
  secondFactor: z.enum(['optional', 'required']).optional(),
  effectiveFrom: moment
    .transform((text) => new Date(text))
    .nullable()
    .optional(),
  skips: z.int().min(0).max(100).nullable().optional(),
  allowedMethods: z
    .array(z.enum(METHOD_IDS))
    .refine((methods) => new Set(methods).size === methods.length, 'names a method twice')
    .refine(
      (methods) => methods.some((method) => (ENROLLABLE as readonly string[]).includes(method)),
      `must hold ${ENROLLABLE.join(' or ')}: the others do not stand alone`,
    )
    .optional(),
  keys: z
    .strictObject({
      allowSynced: z.boolean().optional(),
      allowModels: z.array(aaguid).max(500).optional(),
      denyModels: z.array(aaguid).max(500).optional(),
    })
    .optional(),
  enrolmentProof: z.enum(['none', 'email', 'lead-code']).optional(),
  rescueCodes: z.enum(['off', 'leads', 'admins']).optional(),
  resetApproval: z.enum(['second-admin', 'delay', 'at-once']).optional(),
  session: z
    .strictObject({
      /** Seconds. NIST SP 800-63B-4 recommends 24 hours as the limit (section 2.2.3). */
      maxSeconds: z
        .int()
        .min(60)
        .max(30 * day)
        .optional(),
      /** Seconds. */
      idleSeconds: z
        .int()
        .min(60)
        .max(30 * day)
        .optional(),
    })
    .optional(),
});

export type PolicyChanges = z.infer<typeof policySchema>;
