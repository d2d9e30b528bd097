/**
 * Control characters, and those that turn the direction of what follows: a text must not reorder the page, the mail or
 * the file around it. Joiners, which some scripts need, are none of them.
 */
export const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;
