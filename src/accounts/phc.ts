import { pbkdf2, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { ARGON2 } from './argon2.ts';

/** A password digest that was read and whose cost is within bounds. */
export type Phc =
  | { readonly kind: 'argon2'; readonly current: boolean }
  | {
      readonly kind: 'scrypt';
      readonly n: number;
      readonly r: number;
      readonly p: number;
      readonly salt: Buffer;
      readonly digest: Buffer;
    }
  | {
      readonly kind: 'pbkdf2';
      readonly hash: 'sha256' | 'sha512';
      readonly rounds: number;
      readonly salt: Buffer;
      readonly digest: Buffer;
    };

/** Most that we let a stored digest cost, whoever wrote it (SECURITY H-03): 128 MiB, 10 passes, 4 lanes. */
const MOST = { memoryKiB: 128 * 1024, passes: 10, lanes: 4, scryptBlock: 32, pbkdf2Rounds: 2_000_000 };

const base64 = '[A-Za-z0-9+/.]+={0,2}';
const argon2Form = new RegExp(
  `^\\$argon2(id|i|d)\\$v=(16|19)\\$m=(\\d{1,9}),t=(\\d{1,4}),p=(\\d{1,3})\\$(${base64})\\$(${base64})$`,
);
const scryptForm = new RegExp(
  `^\\$scrypt\\$ln=(\\d{1,2}),r=(\\d{1,2}),p=(\\d{1,2})\\$(${base64})\\$(${base64})$`,
);
const pbkdf2Form = new RegExp(
  `^\\$pbkdf2-(sha256|sha512)\\$(?:i=)?(\\d{1,8})(?:,l=\\d{1,3})?\\$(${base64})\\$(${base64})$`,
);

/** passlib writes `.` for `+`. */
const bytes = (text: string | undefined): Buffer => Buffer.from((text ?? '').replaceAll('.', '+'), 'base64');
const within = (value: number, least: number, most: number): boolean => value >= least && value <= most;

/**
 * Reads a digest in PHC form: every argon2, scrypt (`ln`, `r`, `p`) and PBKDF2 with SHA-256 or SHA-512.
 * @returns null when the form is unknown, broken, or would cost more than we allow
 */
export function parsePhc(phc: string): Phc | null {
  const [, variant, version, m, t, p, salt, digest] = argon2Form.exec(phc) ?? [];
  if (variant !== undefined) {
    const memory = Number(m);
    const passes = Number(t);
    const lanes = Number(p);
    const sane =
      within(lanes, 1, MOST.lanes) &&
      within(memory, 8 * lanes, MOST.memoryKiB) &&
      within(passes, 1, MOST.passes) &&
      within(bytes(salt).length, 8, 64) &&
      within(bytes(digest).length, 16, 64);
    const asOurs = memory === ARGON2.memoryKiB && passes === ARGON2.passes && lanes === ARGON2.lanes;
    const current =
      variant === 'id' && version === '19' && asOurs && bytes(digest).length === ARGON2.outputBytes;
    return sane ? { kind: 'argon2', current } : null;
  }
  return parseScrypt(phc) ?? parsePbkdf2(phc);
}

/** @returns true when `phc` was made with the variant and parameters that we use today (SECURITY H-02) */
export function isCurrent(phc: string): boolean {
  const parsed = parsePhc(phc);
  return parsed?.kind === 'argon2' && parsed.current;
}

function parseScrypt(phc: string): Phc | null {
  const [form, ln, r, p, salt, digest] = scryptForm.exec(phc) ?? [];
  if (form === undefined) return null;
  const parsed = { n: 2 ** Number(ln), r: Number(r), p: Number(p), salt: bytes(salt), digest: bytes(digest) };
  const memoryKiB = (128 * parsed.n * parsed.r) / 1024;
  const sane =
    within(Number(ln), 1, 24) &&
    within(parsed.r, 1, MOST.scryptBlock) &&
    within(parsed.p, 1, MOST.lanes) &&
    memoryKiB <= MOST.memoryKiB &&
    within(parsed.salt.length, 4, 64) &&
    within(parsed.digest.length, 16, 64);
  return sane ? { kind: 'scrypt', ...parsed } : null;
}

function parsePbkdf2(phc: string): Phc | null {
  const [form, hash, rounds, salt, digest] = pbkdf2Form.exec(phc) ?? [];
  if (form === undefined) return null;
  const parsed = { rounds: Number(rounds), salt: bytes(salt), digest: bytes(digest) };
  const sane =
    within(parsed.rounds, 1000, MOST.pbkdf2Rounds) &&
    within(parsed.salt.length, 4, 64) &&
    within(parsed.digest.length, 16, 64);
  return sane ? { kind: 'pbkdf2', hash: hash === 'sha512' ? 'sha512' : 'sha256', ...parsed } : null;
}

const derivePbkdf2 = promisify(pbkdf2);

/** Checks a password against an imported scrypt or PBKDF2 digest; node's own thread pool does the work. */
export async function verifyImported(
  phc: Exclude<Phc, { kind: 'argon2' }>,
  password: string,
): Promise<boolean> {
  const derived = await (phc.kind === 'scrypt'
    ? deriveScrypt(phc, password)
    : derivePbkdf2(password, phc.salt, phc.rounds, phc.digest.length, phc.hash));
  return timingSafeEqual(derived, phc.digest);
}

function deriveScrypt(
  { n, r, p, salt, digest }: Extract<Phc, { kind: 'scrypt' }>,
  password: string,
): Promise<Buffer> {
  const options = { N: n, r, p, maxmem: 128 * n * r + 128 * r * p + 1024 * 1024 };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, digest.length, options, (error, derived) => {
      if (error) reject(error);
      else resolve(derived);
    });
  });
}
