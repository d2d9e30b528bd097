/** What the list of ways says of a method that can be used in `seconds`. */
export function waitOnPage(seconds: number) {
  if (seconds === 0) return { reason: null, minutes: null };
  if (seconds === Infinity) return { reason: 'suspended', minutes: null };
  return { reason: 'waiting', minutes: Math.ceil(seconds / 60) };
}
