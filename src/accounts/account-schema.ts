import { z } from 'zod';
import { UNPRINTABLE } from '../core/plain-text.ts';
import { normaliseEmail } from './account.ts';

/** @param most characters (UTF-16) */
const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((text) => !UNPRINTABLE.test(text), 'must be one line of plain text');

/** The name of a team as files and the admin API give it. */
export const teamName = line(64);

/**
 * No space, nothing that cannot be seen (Unicode category C), and none of what parts a list of addresses or quotes in
 * one (RFC 5322, "specials"): what two people read as the same is the same, and a mail goes to one address.
 */
const PART = '[^\\s\\p{C}@<>()\\[\\]\\\\,;:"]+';
const ADDRESS = new RegExp(`^${PART}@${PART}$`, 'u');

/** An email in the form in which it is stored. */
export const emailAddress = z
  .string()
  .transform(normaliseEmail)
  .refine((text) => text.length <= 254 && ADDRESS.test(text), 'must be an email address');

/** A name that mail programs make a link of. */
const ADDRESSED = /:\/\/|\bwww\./i;

/** What somebody is called. It greets them in our mails: nobody sends others an address by it. */
export const personName = line(200).refine((text) => !ADDRESSED.test(text), 'must not hold an address');
