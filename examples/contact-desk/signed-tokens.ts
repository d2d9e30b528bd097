/** Signature algorithms that the desk accepts; `none` and shared secrets are not among them. */
export const SIGNATURES = ['ES256', 'RS256'];

/** Seconds that the clocks of app and Stile may differ. */
export const CLOCK_TOLERANCE = 30;
