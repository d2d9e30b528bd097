import { EXPORT_FORMATS } from '../admin/exports.ts';
import { DomainError } from '../core/errors.ts';
import type { Endpoint, Format } from './endpoint.ts';

/** Characters of an `Idempotency-Key`, which the draft of that header leaves to us. */
export const MAX_ONCE = 200;

/** By format; JSON first, which whoever takes anything gets. */
export const MEDIA_TYPES: Readonly<Record<Format, string>> = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
};

/** @returns null when nothing is said, or anything will do */
export function versionOf(ifMatch: string): number | null {
  if (ifMatch === '' || ifMatch === '*') return null;
  const version = /^"(\d{1,15})"$/.exec(ifMatch)?.[1];
  // A tag that we never gave out is not that of what is in force.
  return version === undefined ? -1 : Number(version);
}

/**
 * @returns null when nothing is said
 * @throws DomainError bad_request for a longer key than we tell apart: two that differ must not count as one
 */
export function onceOf({ idempotent = false }: Pick<Endpoint, 'idempotent'>, key: string): string | null {
  if (!idempotent || key === '') return null;
  if (key.length > MAX_ONCE)
    throw new DomainError('bad_request', { detail: `Idempotency-Key: at most ${MAX_ONCE} characters` });
  return key;
}

/**
 * @param query as it was read; its `format` goes before the header
 * @param accepts picks the first of these types that the caller takes (RFC 9110 12.5.1); false = none
 */
export function formatOf(
  { formats = [] }: Pick<Endpoint, 'formats'>,
  query: unknown,
  accepts: (...types: string[]) => string | false,
): Format {
  if (formats.length === 0) return 'json';
  const said = (query as { readonly format?: Format }).format;
  if (said !== undefined) return said;
  const type = accepts(MEDIA_TYPES.json, ...formats.map((format) => MEDIA_TYPES[format]));
  return EXPORT_FORMATS.find((format) => MEDIA_TYPES[format] === type) ?? 'json';
}
