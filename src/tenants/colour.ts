/** Red, green, blue; 0 to 1, gamma-encoded as in `#rrggbb` (sRGB). */
type Rgb = readonly [number, number, number];

/** Hue 0 to 6; saturation and lightness 0 to 1 (CSS Color 4, section 7). */
interface Hsl {
  readonly hue: number;
  readonly saturation: number;
  readonly lightness: number;
}

/** @param colour `#rrggbb` */
const rgbOf = (colour: string): Rgb => {
  const part = (at: number) => parseInt(colour.slice(at, at + 2), 16) / 255;
  return [part(1), part(3), part(5)];
};

const hexOf = (rgb: Rgb): string =>
  `#${rgb
    .map((part) =>
      Math.round(part * 255)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;

/** @returns relative luminance of `#rrggbb`, 0 to 1 (WCAG 2.2, "relative luminance") */
function luminance(colour: string): number {
  const linear = (part: number) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const [r, g, b] = rgbOf(colour);
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

/** @returns 1 to 21 (WCAG 2.2, "contrast ratio") */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function hslOf(colour: string): Hsl {
  const [r, g, b] = rgbOf(colour);
  const most = Math.max(r, g, b);
  const spread = most - Math.min(r, g, b);
  const lightness = most - spread / 2;
  if (spread === 0) return { hue: 0, saturation: 0, lightness };
  const hue =
    most === r ? ((g - b) / spread + 6) % 6 : most === g ? (b - r) / spread + 2 : (r - g) / spread + 4;
  return { hue, saturation: spread / (1 - Math.abs(2 * lightness - 1)), lightness };
}

function hexOfHsl({ hue, saturation, lightness }: Hsl): string {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const part = (n: number) => {
    const k = (n + hue * 2) % 12;
    return lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1));
  };
  return hexOf([part(0), part(8), part(4)]);
}

/** Halvings of the lightness: finer than the 8 bits of a channel. */
const HALVINGS = 12;

/** @returns the same hue and saturation, lighter or darker, with the `contrast` to black that is nearest below */
export function atContrastToBlack(colour: string, wanted: number): string {
  const { hue, saturation } = hslOf(colour);
  let [low, high] = [0, 1];
  for (let i = 0; i < HALVINGS; i += 1) {
    const lightness = (low + high) / 2;
    if (contrast(hexOfHsl({ hue, saturation, lightness }), '#000000') <= wanted) low = lightness;
    else high = lightness;
  }
  return hexOfHsl({ hue, saturation, lightness: low });
}
