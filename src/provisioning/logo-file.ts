import { closeSync, openSync, readSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { LOGO_BYTES } from '../tenants/logo.ts';
import type { LogoRefusal } from '../tenants/logo-refusal.ts';

/**
 * Reads a file beside the provisioning file, or in a folder below: no more of it than shows that it is too large.
 * @param source path of the provisioning file
 * @returns null when it lies elsewhere, or cannot be read
 */
export function readBeside(source: string, path: string): Uint8Array | null {
  const folder = resolve(dirname(source));
  const file = resolve(folder, path);
  const below = relative(folder, file);
  if (isAbsolute(path) || below.startsWith('..')) return null;
  try {
    const descriptor = openSync(file, 'r');
    try {
      const bytes = Buffer.alloc(LOGO_BYTES + 1);
      return bytes.subarray(0, readSync(descriptor, bytes));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return null;
  }
}

const FAULTS: Readonly<Record<Exclude<LogoRefusal['reason'], 'unsafe' | 'too-many-pixels'>, string>> = {
  'too-large': `must have at most ${LOGO_BYTES} bytes`,
  'not-an-image': 'must be a PNG, or an SVG in UTF-8',
  damaged: 'is broken or cut off',
  'too-long': 'must not be longer than 8 to 1',
  'no-size': 'must say its size: viewBox, or width and height',
  'too-detailed': `has more in it than ${LOGO_BYTES} bytes can show: use fewer colours, or an SVG`,
};

/** @returns what is wrong with a file, in words for people who write files; null = it could not be read */
export function logoFault(refusal: LogoRefusal | null): string {
  if (refusal === null) return 'must be a file that can be read, beside this one or in a folder below';
  if (refusal.reason === 'unsafe') {
    return `holds what a logo may not: ${refusal.part} ${JSON.stringify(refusal.name)}`;
  }
  if (refusal.reason === 'too-many-pixels') {
    return `has ${refusal.width} by ${refusal.height} pixels, at most 512 by 512 fit`;
  }
  return FAULTS[refusal.reason];
}
