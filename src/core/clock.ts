/** The present moment. An argument everywhere, so that a test can stand anywhere in time. */
export type Clock = () => Date;

/** The machine's clock: the only reader of it. */
export const systemClock: Clock = () => new Date(Date.now());

/** @returns whole seconds since the epoch, as JSON Web Tokens count them (RFC 7519 section 2, NumericDate) */
export function epochSeconds(moment: Date): number {
  return Math.floor(moment.getTime() / 1000);
}
