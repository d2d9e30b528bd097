import { z } from 'zod';
import { normaliseEmail } from './account.ts';

/** The name of a team as files and the admin API give it. */
export const teamName = z.string().trim().min(1).max(64);

/** An email in the form in which it is stored. */
export const emailAddress = z
  .string()
  .transform(normaliseEmail)
  .refine(
    (text) => text.length <= 254 && /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(text),
    'must be an email address',
  );

/** What somebody is called. */
export const personName = z.string().trim().min(1).max(200);
