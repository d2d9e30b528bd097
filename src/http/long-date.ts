/** @param zone IANA time zone, such as `Europe/Lisbon`; anything else counts as UTC */
function format(at: Date, zone: unknown, options: Intl.DateTimeFormatOptions): string {
  const inZone = (timeZone: string) => new Intl.DateTimeFormat('en-GB', { ...options, timeZone }).format(at);
  try {
    return inZone(typeof zone === 'string' ? zone : 'UTC');
  } catch {
    return inZone('UTC');
  }
}

/** @returns such as "24 November 2026"; `zone` as above */
export function longDate(at: Date, zone: unknown): string {
  return format(at, zone, { dateStyle: 'long' });
}

/** @returns such as "24 Nov 2026", for tables; `zone` as above */
export function shortDate(at: Date, zone: unknown): string {
  return format(at, zone, { dateStyle: 'medium' });
}

/** @returns such as "09:12 WET"; `zone` as above */
export function timeOfDay(at: Date, zone: unknown): string {
  return format(at, zone, { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' });
}
