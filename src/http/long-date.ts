/**
 * @param zone IANA time zone, such as `Europe/Lisbon`; anything else counts as UTC
 * @returns such as "24 November 2026"
 */
export function longDate(at: Date, zone: unknown): string {
  const format = (timeZone: string) =>
    new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone }).format(at);
  try {
    return format(typeof zone === 'string' ? zone : 'UTC');
  } catch {
    return format('UTC');
  }
}
