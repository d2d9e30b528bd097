/** Why a file is not taken as a logo. */
export type LogoRefusal =
  | { readonly reason: 'too-large'; readonly bytes: number }
  /** Neither PNG nor SVG in UTF-8. */
  | { readonly reason: 'not-an-image' }
  /** It is one, but broken or cut off. */
  | { readonly reason: 'damaged' }
  /** An SVG holds what is not on our list. `name` is the file's own word, of at most 40 characters. */
  | {
      readonly reason: 'unsafe';
      readonly part: 'element' | 'attribute' | 'value' | 'declaration';
      readonly name: string;
    }
  | { readonly reason: 'too-many-pixels'; readonly width: number; readonly height: number }
  /** More than 8 to 1 in one direction. */
  | { readonly reason: 'too-long' }
  /** An SVG says neither its size nor its `viewBox`. */
  | { readonly reason: 'no-size' }
  /** Written anew it has too many bytes, or its parts are used over and over. */
  | { readonly reason: 'too-detailed' };

/** Ends the reading of a file from deep inside; `drawLogo` makes a value of it. */
export class LogoRefused extends Error {
  override readonly name = 'LogoRefused';
  readonly refusal: LogoRefusal;

  constructor(refusal: LogoRefusal) {
    super(refusal.reason);
    this.refusal = refusal;
  }
}

/** Longest word of a file that is told back. */
const NAME_LENGTH = 40;

/** @throws LogoRefused */
export function unsafe(part: 'element' | 'attribute' | 'value' | 'declaration', name: string): never {
  throw new LogoRefused({ reason: 'unsafe', part, name: name.slice(0, NAME_LENGTH) });
}
