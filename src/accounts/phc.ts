import { pbkdf2, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { ARGON2 } from './argon2.ts';

interface Digest {
  readonly salt: Buffer;
  readonly digest: Buffer;
}
interface Argon2Digest {
  readonly kind: 'argon2';
  /** Made with the variant and parameters that we use today. */
  readonly current: boolean;
}
interface ScryptDigest extends Digest {
  readonly kind: 'scrypt';
  readonly n: number;
  readonly r: number;
  readonly p: number;
}
interface Pbkdf2Digest extends Digest {
  readonly kind: 'pbkdf2';
  readonly hash: 'sha256' | 'sha512';
  readonly rounds: number;
}

/** A password digest that was read and whose cost is within bounds. */
export type Phc = Argon2Digest | ScryptDigest | Pbkdf2Digest;

/** Most that we let a stored digest cost, whoever wrote it: 128 MiB, 10 passes, 4 lanes. */
const MOST = { memoryKiB: 128 * 1024, passes: 10, lanes: 4, scryptLn: 24, scryptR: 32, rounds: 2_000_000 };

/** `$function[$v=version]$name=value,...$salt$digest`; passlib leaves out the name of PBKDF2's one parameter. */
const form =
  /^\$([a-z\d-]+)(?:\$v=(\d+))?\$((?:[a-z]+=)?\d{1,9}(?:,[a-z]+=\d{1,9})*)\$([A-Za-z\d+/.]+)\$([A-Za-z\d+/.]+)$/;

const within = (value: number | undefined, least: number, most: number): value is number =>
  value !== undefined && value >= least && value <= most;

/** passlib writes `.` for `+`. */
const bytesOf = (text: string): Buffer => Buffer.from(text.replaceAll('.', '+'), 'base64');

/**
 * Reads a digest in the PHC string format: every argon2, scrypt (`ln`, `r`, `p`) and PBKDF2 with SHA-256 or SHA-512.
 * Parameters may come in any order: the `argon2` package wrote `m,p,t` for years.
 * @returns null when the form is unknown, broken, or would cost more than we allow
 */
export function parsePhc(phc: string): Phc | null {
  const [, name, version, parameters, saltText, digestText] = form.exec(phc) ?? [];
  if (name === undefined || parameters === undefined) return null;
  const values = new Map<string, number>();
  for (const one of parameters.split(',')) {
    const [key = '', value] = one.split('=');
    values.set(value === undefined ? 'i' : key, Number(value ?? key));
  }
  const salt = bytesOf(saltText ?? '');
  const digest = bytesOf(digestText ?? '');
  if (!within(salt.length, 4, 64) || !within(digest.length, 16, 64)) return null;
  switch (name) {
    case 'argon2id':
    case 'argon2i':
    case 'argon2d':
      return readArgon2(values, { asOurs: name === 'argon2id' && version === '19', salt, digest });
    case 'scrypt':
      return readScrypt(values, { salt, digest });
    case 'pbkdf2-sha256':
    case 'pbkdf2-sha512': {
      const rounds = values.get('i');
      const hash = name === 'pbkdf2-sha256' ? 'sha256' : 'sha512';
      return within(rounds, 1000, MOST.rounds) ? { kind: 'pbkdf2', hash, rounds, salt, digest } : null;
    }
    default:
      return null;
  }
}

type Values = ReadonlyMap<string, number>;

function readArgon2(
  values: Values,
  { asOurs, salt, digest }: Digest & { asOurs: boolean },
): Argon2Digest | null {
  const [memory, passes, lanes] = [values.get('m'), values.get('t'), values.get('p')];
  const sane =
    within(lanes, 1, MOST.lanes) &&
    within(memory, 8 * lanes, MOST.memoryKiB) &&
    within(passes, 1, MOST.passes) &&
    salt.length >= 8; // the least that argon2 takes (RFC 9106 section 3.1)
  if (!sane) return null;
  const sameCost = memory === ARGON2.memoryKiB && passes === ARGON2.passes && lanes === ARGON2.lanes;
  return { kind: 'argon2', current: asOurs && sameCost && digest.length === ARGON2.outputBytes };
}

function readScrypt(values: Values, { salt, digest }: Digest): ScryptDigest | null {
  const [ln, r, p] = [values.get('ln'), values.get('r'), values.get('p')];
  const sane = within(ln, 1, MOST.scryptLn) && within(r, 1, MOST.scryptR) && within(p, 1, MOST.lanes);
  // scrypt takes 128 * N * r bytes (RFC 7914 section 2).
  if (!sane || (2 ** ln * r) / 8 > MOST.memoryKiB) return null;
  return { kind: 'scrypt', n: 2 ** ln, r, p, salt, digest };
}

/** @returns true when `phc` was made with the variant and parameters that we use today */
export function isCurrent(phc: string): boolean {
  const parsed = parsePhc(phc);
  return parsed?.kind === 'argon2' && parsed.current;
}

const derivePbkdf2 = promisify(pbkdf2);

/** Checks a password against an imported scrypt or PBKDF2 digest; node's own thread pool does the work. */
export async function verifyImported(phc: ScryptDigest | Pbkdf2Digest, password: string): Promise<boolean> {
  const derived = await (phc.kind === 'scrypt'
    ? deriveScrypt(phc, password)
    : derivePbkdf2(password, phc.salt, phc.rounds, phc.digest.length, phc.hash));
  return timingSafeEqual(derived, phc.digest);
}

function deriveScrypt({ n, r, p, salt, digest }: ScryptDigest, password: string): Promise<Buffer> {
  const options = { N: n, r, p, maxmem: 128 * n * r + 128 * r * p + 1024 * 1024 };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, digest.length, options, (error, derived) => {
      if (error) reject(error);
      else resolve(derived);
    });
  });
}
