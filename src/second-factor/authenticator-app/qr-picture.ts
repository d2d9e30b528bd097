import { toString } from 'qrcode';

/** Modules of white around the code; without them phones do not find it (ISO/IEC 18004 asks for 4). */
const QUIET_ZONE = 4;

/**
 * @returns the code as an address that an `img` can show without a request: black on white, also on a dark page. It
 * holds a secret: for the page it was made for, never for a log.
 */
export async function qrPicture(text: string): Promise<string> {
  const svg = await toString(text, { type: 'svg', margin: QUIET_ZONE, errorCorrectionLevel: 'M' });
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
}
