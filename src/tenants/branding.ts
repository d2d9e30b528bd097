/** A picture as pages name it: its bytes are in the store of logos, under the same id. */
export interface Logo {
  /** Digest of the tenant and of the bytes that are served: 43 base64url characters. */
  readonly id: string;
  readonly type: LogoType;
  /** Natural size; CSS pixels. */
  readonly width: number;
  readonly height: number;
}

export const LOGO_TYPES = ['image/svg+xml', 'image/png'] as const;
export type LogoType = (typeof LOGO_TYPES)[number];

/** A picture that we wrote out ourselves: nothing of the given bytes but what can be seen. */
export interface Picture {
  readonly type: LogoType;
  readonly bytes: Buffer;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
}

/** What a tenant puts on the pages of its people. Never styles, scripts or markup of its own. */
export interface Branding {
  /** Where its people find help; https only. */
  readonly helpUrl: string | null;
  /** Whom its people ask, in its own words. */
  readonly contact: string | null;
  /** Colour of the main button and of the step line in the light theme, `#rrggbb`; `accentTokens` gives the rest. */
  readonly accent: string | null;
  /** One paragraph of plain text for the sign-in page. */
  readonly signInText: string | null;
  readonly logo: Logo | null;
}

/** Stile's own look. */
export const NO_BRANDING: Branding = {
  helpUrl: null,
  contact: null,
  accent: null,
  signInText: null,
  logo: null,
};
