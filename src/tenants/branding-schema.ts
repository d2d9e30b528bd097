import { z } from 'zod';
import { UNPRINTABLE } from '../core/plain-text.ts';
import { accentTokens, type AccentRefusal } from './accent.ts';

/** Most characters (code points) of the text on the sign-in page. */
export const SIGN_IN_TEXT_LENGTH = 200;
/** Most characters of how people find help. */
export const CONTACT_LENGTH = 500;

/** One paragraph of plain text. @param most code points */
export const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty; leave it out or set it to null')
    .refine((text) => [...text].length <= most, `must have at most ${most} characters`)
    .refine((text) => !UNPRINTABLE.test(text), 'must be one paragraph of plain text');

const withoutPassword = (address: string): boolean => {
  const url = URL.parse(address);
  return url?.username === '' && url.password === '';
};

/** @returns what is wrong with a colour, in words for people who write files */
function accentFault({ reason, ratio, least }: AccentRefusal): string {
  const found = `${ratio.toFixed(2)}:1, needs ${least}:1`;
  return reason === 'text'
    ? `neither white nor dark text is readable on it (${found}): choose a darker colour`
    : `the step line would not stand out from a white card (${found}): choose a darker colour`;
}

export const helpUrl = z
  .url({ protocol: /^https$/, error: 'must be an address that begins with https://' })
  .max(500)
  .refine(withoutPassword, 'must not hold a user name or a password');
export const contact = line(CONTACT_LENGTH);
export const signInText = line(SIGN_IN_TEXT_LENGTH);
/** A colour that is readable wherever it is used (WCAG 2.2, 1.4.3 and 1.4.11). */
export const accent = z
  .string()
  .toLowerCase()
  .regex(/^#[\da-f]{6}$/, { error: 'must be a colour such as #3f47c6', abort: true })
  .superRefine((colour, context) => {
    const verdict = accentTokens(colour);
    if (!verdict.ok) context.addIssue({ code: 'custom', message: accentFault(verdict) });
  });

/** A brand without its logo, as files and the admin API give it; what is absent is not touched. */
export const brandingSchema = z.strictObject({
  helpUrl: helpUrl.nullable().optional(),
  contact: contact.nullable().optional(),
  accent: accent.nullable().optional(),
  signInText: signInText.nullable().optional(),
});
