import type { Picture } from './branding.ts';
import { isPng, redrawPng } from './logo-png.ts';
import { LogoRefused, type LogoRefusal } from './logo-refusal.ts';
import { rewriteSvg } from './logo-svg.ts';

/** Most bytes of the file that is given and of the one that is served. */
export const LOGO_BYTES = 20_000;
/** Longest side, in short sides. */
const LONGEST = 8;

export type LogoVerdict =
  { readonly ok: true; readonly picture: Picture } | ({ readonly ok: false } & LogoRefusal);

/**
 * Reads what somebody gave as a logo, whatever its name or type say, and draws it anew.
 * @param bytes of the file, as they came
 */
export function drawLogo(bytes: Uint8Array): LogoVerdict {
  try {
    return { ok: true, picture: draw(Buffer.from(bytes)) };
  } catch (error) {
    if (error instanceof LogoRefused) return { ok: false, ...error.refusal };
    throw error;
  }
}

function draw(bytes: Buffer): Picture {
  if (bytes.length > LOGO_BYTES) throw new LogoRefused({ reason: 'too-large', bytes: bytes.length });
  const picture = isPng(bytes) ? redrawPng(bytes) : rewriteSvg(bytes);
  const { width, height } = picture;
  if (Math.max(width, height) > LONGEST * Math.min(width, height)) {
    throw new LogoRefused({ reason: 'too-long' });
  }
  if (picture.bytes.length > LOGO_BYTES) throw new LogoRefused({ reason: 'too-detailed' });
  return picture;
}
