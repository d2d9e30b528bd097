import { z } from 'zod';
import { emailAddress, personName, teamName } from '../accounts/account-schema.ts';
import { ROLES } from '../accounts/account.ts';
import { canonicalPassword } from '../accounts/passwords.ts';
import { parsePhc } from '../accounts/phc.ts';
import { clientMetadataSchema } from '../provider/client-metadata.ts';
import type { Picture } from '../tenants/branding.ts';
import { brandingSchema } from '../tenants/branding-schema.ts';
import { drawLogo } from '../tenants/logo.ts';
import type { Provisioner } from '../second-factor/provisioner.ts';
import { logoFault } from './logo-file.ts';
import { policySchema } from '../tenants/policy-schema.ts';

const slug = z
  .string()
  .max(63)
  .regex(
    /^[a-z\d](?:-?[a-z\d])*$/,
    'must be a slug: lower-case letters, digits and single dashes, such as northwind',
  );
const domain = z
  .string()
  .toLowerCase()
  .max(253)
  .regex(/^[^\s@.]+(\.[^\s@.]+)*$/, 'must be a domain such as northwind.example');

/** Reads the file at a path relative to the provisioning file; null = there is none that may be read. */
export type ReadLogo = (path: string) => Uint8Array | null;

/** A path becomes the picture that was drawn from the file. */
const logoFile = (read: ReadLogo) =>
  z.string().transform((path, context): Picture => {
    const bytes = read(path);
    const verdict = bytes && drawLogo(bytes);
    if (verdict?.ok) return verdict.picture;
    context.issues.push({ code: 'custom', message: logoFault(verdict), input: path });
    return z.NEVER;
  });

const tenantSchema = (readLogo: ReadLogo) =>
  z.strictObject({
    slug,
    name: personName,
    domains: z.array(domain).max(100).optional(),
    policy: policySchema.optional(),
    branding: brandingSchema.extend({ logo: logoFile(readLogo).nullable().optional() }).optional(),
  });

/** Standard claims (OpenID Connect Core 5.1) beyond name and email, which stand on the account itself. */
const claimsSchema = z.strictObject({
  given_name: z.string().optional(),
  family_name: z.string().optional(),
  middle_name: z.string().optional(),
  nickname: z.string().optional(),
  preferred_username: z.string().optional(),
  profile: z.url().optional(),
  picture: z.url().optional(),
  website: z.url().optional(),
  gender: z.string().optional(),
  birthdate: z
    .string()
    .regex(/^(\d{4}|0000)(-\d\d-\d\d)?$/, 'must be YYYY-MM-DD or YYYY')
    .optional(),
  zoneinfo: z.string().optional(),
  locale: z.string().optional(),
  email_verified: z.boolean().optional(),
  phone_number: z.string().optional(),
  phone_number_verified: z.boolean().optional(),
  address: z
    .strictObject({
      formatted: z.string().optional(),
      street_address: z.string().optional(),
      locality: z.string().optional(),
      region: z.string().optional(),
      postal_code: z.string().optional(),
      country: z.string().optional(),
    })
    .optional(),
});

/** Whether what a file lists can ever prove anything; the methods know (src/second-factor/methods.ts). */
export interface MethodChecks {
  readonly provisioners: readonly Provisioner[];
  isRecoveryCode(code: string): boolean;
}

/** The lists of methods that an account has in the file. Their types are known to each method alone. */
function sectionsOf(provisioners: readonly Provisioner[]): Record<never, z.ZodType> {
  return Object.fromEntries(
    provisioners.map(({ section, entry }) => [section, z.array(entry).max(10).optional()]),
  );
}

/** @returns what an account lists of one kind; null = the file says nothing of the kind */
export function sectionOf(account: AccountEntry, { section }: Provisioner): readonly unknown[] | null {
  const listed: unknown = Object.entries(account).find(([key]) => key === section)?.[1];
  return Array.isArray(listed) ? listed : null;
}

function accountSchema({ provisioners, isRecoveryCode }: MethodChecks) {
  return z
    .strictObject({
      tenant: slug,
      email: emailAddress,
      name: personName,
      roles: z.array(z.enum(ROLES)).min(1).optional(),
      /** Whom leads look after: the agents of their own team. */
      team: teamName.optional(),
      /** Absent: active with a password, invited without. */
      state: z.enum(['active', 'invited', 'disabled']).optional(),
      claims: claimsSchema.optional(),
      password: z
        .string()
        .refine((text) => canonicalPassword(text) !== null, 'must be 1 to 128 well-formed characters')
        .optional(),
      /** PHC string: any argon2, scrypt, or PBKDF2 with SHA-256 or SHA-512. */
      passwordHash: z
        .string()
        .refine(
          (text) => parsePhc(text) !== null,
          'must be a PHC string of argon2, scrypt, pbkdf2-sha256 or pbkdf2-sha512, of at most 128 MiB and 10 passes',
        )
        .optional(),
      ...sectionsOf(provisioners),
      recoveryCodes: z
        .array(
          z.string().refine(isRecoveryCode, 'must be 16 letters and digits, such as ABCD-EFGH-JKMN-PQRS'),
        )
        .max(15)
        .optional(),
    })
    .superRefine((account, context) => {
      if (account.password !== undefined && account.passwordHash !== undefined) {
        context.addIssue({
          code: 'custom',
          path: ['passwordHash'],
          message: 'cannot be there beside password',
        });
      }
      const proves = account.password !== undefined || account.passwordHash !== undefined;
      if (account.state === 'invited' && proves) {
        context.addIssue({ code: 'custom', path: ['state'], message: 'invited means: no password yet' });
      }
    });
}

/** A section that is there and empty (`clients:`) is an empty list. */
const section = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

/** The whole file. Unknown keys are errors everywhere: a misspelt one must not be a silent default. */
export function fileSchema(checks: MethodChecks, readLogo: ReadLogo) {
  return z.strictObject({
    /** What is in the file is public, such as its passwords: production mode refuses it. */
    demo: z.boolean().optional(),
    tenants: section(tenantSchema(readLogo)),
    accounts: section(accountSchema(checks)),
    clients: section(clientMetadataSchema),
  });
}

export type ProvisioningFile = z.infer<ReturnType<typeof fileSchema>>;
export type TenantEntry = ProvisioningFile['tenants'][number];
export type AccountEntry = ProvisioningFile['accounts'][number];
export type ClientEntry = ProvisioningFile['clients'][number];
