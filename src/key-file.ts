import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { z } from 'zod';
import { randomId, type Random, systemRandom } from './core/random.ts';
import type { Keyring, Keys } from './keys.ts';

/** What the file holds a key for; each use has keys of its own. */
const uses = [
  'cookies',
  'csrf',
  'device',
  'attempts',
  'passwordPepper',
  'recoveryPepper',
  'encryption',
  'audit',
] as const;

/** ID tokens are signed with the first; the second is there because OpenID Connect Discovery 1.0 section 3 wants it. */
const signingAlgorithms = ['ES256', 'RS256'] as const;

/** Length of every secret; bytes. AES-256 needs exactly that. */
const SECRET_BYTES = 32;

const secret = z
  .string()
  .refine(
    (text) => Buffer.from(text, 'base64url').length === SECRET_BYTES,
    `must be ${SECRET_BYTES} bytes in base64url`,
  );
const named = z.strictObject({ id: z.string().regex(/^[\w-]{4,64}$/), secret });
const secrets = z
  .array(named)
  .min(1)
  .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, 'has two keys of one id');
const jwk = z.looseObject({
  kid: z.string().min(1),
  alg: z.enum(signingAlgorithms),
  kty: z.enum(['EC', 'RSA']),
  d: z.string('must be a private key'),
});

/** Each list newest first: the first is used for new things, the others still read what they made. */
const contents = z.strictObject({
  version: z.literal(1),
  ...(Object.fromEntries(uses.map((use) => [use, secrets])) as Record<(typeof uses)[number], typeof secrets>),
  signing: z
    .array(jwk)
    .refine(
      (keys) => signingAlgorithms.every((alg) => keys.some((key) => key.alg === alg)),
      `needs a key for each of ${signingAlgorithms.join(' and ')}`,
    ),
});
type Contents = z.infer<typeof contents>;

/** KEYS_FILE is missing, open to others or not complete. The message names the file and no secret. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
}

/** @returns fresh keys for every use; nothing is derived from anything */
async function generate(random: Random): Promise<Contents> {
  const fresh = () => [{ id: randomId(random), secret: random(SECRET_BYTES).toString('base64url') }];
  const made = Object.fromEntries(uses.map((use) => [use, fresh()])) as Record<
    (typeof uses)[number],
    Contents['csrf']
  >;
  return { version: 1, ...made, signing: await Promise.all(signingAlgorithms.map(generateSigningKey)) };
}

async function generateSigningKey(
  alg: (typeof signingAlgorithms)[number],
): Promise<Contents['signing'][number]> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const kid = await calculateJwkThumbprint(await exportJWK(publicKey));
  return { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' } as unknown as Contents['signing'][number];
}

/**
 * Makes a new key file, for its owner's eyes alone (mode 0600).
 * @throws KeyFileError when the file is there already: keys are never written over
 */
export async function createKeyFile(path: string, random: Random = systemRandom): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = await writeDraft(path, await generate(random));
  try {
    // Unlike a rename, a link does not replace: of two that start at once, one makes the file and both read it.
    await link(draft, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new KeyFileError(`${path} is there already; keys are never written over.`, { cause });
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * Puts new keys before the old ones, which stay so that what they made can be read. The names of guess budgets keep
 * their key: under a new one, everybody who guesses would start with a full budget.
 * @returns the ids of the new keys by use
 * @throws KeyFileError when the file cannot be used as it is
 */
export async function rotateKeyFile(
  path: string,
  random: Random = systemRandom,
): Promise<Record<string, string>> {
  const before = await load(path);
  const fresh = await generate(random);
  const after: Contents = { ...before, signing: [...fresh.signing, ...before.signing] };
  const rotated = uses.filter((use) => use !== 'attempts');
  for (const use of rotated) after[use] = [...fresh[use], ...before[use]];
  await rename(await writeDraft(path, after), path);
  const signing = fresh.signing.map(({ alg, kid }) => [`signing ${alg}`, kid]);
  return Object.fromEntries([...rotated.map((use) => [use, fresh[use][0]?.id ?? '']), ...signing]) as Record<
    string,
    string
  >;
}

/** @throws KeyFileError that says what is wrong and how to put it right */
export async function readKeyFile(path: string): Promise<Keys> {
  const file = await load(path);
  const newest = (use: (typeof uses)[number]) => Buffer.from(file[use][0]?.secret ?? '', 'base64url');
  return {
    cookies: file.cookies.map((key) => key.secret),
    csrf: newest('csrf'),
    device: newest('device'),
    attempts: newest('attempts'),
    passwordPepper: keyring(file.passwordPepper),
    recoveryPepper: keyring(file.recoveryPepper),
    encryption: keyring(file.encryption),
    audit: keyring(file.audit),
    signing: file.signing as unknown as JWK[],
  };
}

/**
 * The keys of this installation: those of KEYS_FILE, or, where that is not set (never in production), those of
 * `DATA_DIR/keys.json`, which is made at the first start.
 */
export async function findKeys({
  keysFile,
  dataDir,
}: {
  keysFile?: string | undefined;
  dataDir: string;
}): Promise<Keys> {
  if (keysFile !== undefined) return readKeyFile(keysFile);
  const path = join(dataDir, 'keys.json');
  try {
    await stat(path);
  } catch {
    // Somebody may make it at the same moment; then theirs is read.
    await createKeyFile(path).catch((error: unknown) => {
      if (!(error instanceof KeyFileError)) throw error;
    });
  }
  return readKeyFile(path);
}

function keyring(keys: Contents['csrf']): Keyring {
  const byId = new Map(keys.map(({ id, secret: text }) => [id, Buffer.from(text, 'base64url')]));
  const id = keys[0]?.id ?? '';
  return {
    current: { id, secret: byId.get(id) ?? Buffer.alloc(0) },
    find: (wanted) => byId.get(wanted) ?? null,
  };
}

async function load(path: string): Promise<Contents> {
  let text: string;
  let mode: number;
  try {
    ({ mode } = await stat(path));
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new KeyFileError(
      `KEYS_FILE: ${path} cannot be read. "npm run cli -- keys create FILE" makes one.`,
      { cause },
    );
  }
  if ((mode & 0o007) !== 0)
    throw new KeyFileError(`KEYS_FILE: ${path} is open to everybody; "chmod 600" closes it.`);

  const parsed = contents.safeParse(parseJson(text, path));
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path: place, message }) => `  ${place.join('.')}: ${message}`);
  throw new KeyFileError(`KEYS_FILE: ${path} is not complete:\n${wrong.join('\n')}`);
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the file.
    throw new KeyFileError(`KEYS_FILE: ${path} is not JSON.`);
  }
}

/** Writes beside `path`, down to the disk. @returns the name of the draft */
async function writeDraft(path: string, file: Contents): Promise<string> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.draft`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(file, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await chmod(draft, 0o600);
  return draft;
}
