import Bowser from 'bowser';

/** Longest `User-Agent` that is looked at. */
const MAX_LENGTH = 512;

/**
 * @param userAgent the header as it came; anybody can write anything into it
 * @returns words such as "Chrome on Windows", or null where nothing is recognised. Nothing of the header's own text.
 */
export function clientName(userAgent: string | undefined): string | null {
  if (!userAgent) return null;
  const { browser, os } = Bowser.parse(userAgent.slice(0, MAX_LENGTH));
  const known = Object.values(Bowser.BROWSER_MAP).includes(browser.name ?? '') ? browser.name : undefined;
  const system = Object.values(Bowser.OS_MAP).includes(os.name ?? '') ? os.name : undefined;
  if (known && system) return `${known} on ${system}`;
  return known ?? system ?? null;
}
