import { z } from 'zod';

/** Longest answer of a browser; characters. */
const MAX_ANSWER = 64 * 1024;
/** 1023 bytes in base64url (WebAuthn 3, section 4: the longest credential id). */
const MAX_ID = 1364;

const base64url = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[A-Za-z0-9_-]+$/);

/** What every answer of `navigator.credentials` has in common (WebAuthn 3, section 5.1, toJSON). */
const answer = {
  id: base64url(MAX_ID),
  rawId: base64url(MAX_ID),
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).nullish(),
  /** Nothing of it is used: no extension is asked for. */
  clientExtensionResults: z.record(z.string(), z.unknown()),
};

const assertion = z.strictObject({
  ...answer,
  response: z.strictObject({
    clientDataJSON: base64url(8192),
    authenticatorData: base64url(8192),
    signature: base64url(4096),
    userHandle: base64url(128).nullish(),
  }),
});

const attestation = z.strictObject({
  ...answer,
  response: z.strictObject({
    clientDataJSON: base64url(8192),
    attestationObject: base64url(32_768),
    transports: z.array(z.string().max(32)).max(16).optional(),
    // Copies of what the attestation object holds; the object alone is believed.
    authenticatorData: base64url(8192).nullish(),
    publicKey: base64url(4096).nullish(),
    publicKeyAlgorithm: z.number().nullish(),
  }),
});

export type Assertion = z.infer<typeof assertion>;
export type Attestation = z.infer<typeof attestation>;

function parse<T>(schema: z.ZodType<T>, text: string): T | null {
  if (text.length > MAX_ANSWER) return null;
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** @returns the answer of `navigator.credentials.get`; null when it has another shape */
export const readAssertion = (text: string): Assertion | null => parse(assertion, text);

/** @returns the answer of `navigator.credentials.create`; null when it has another shape */
export const readAttestation = (text: string): Attestation | null => parse(attestation, text);
