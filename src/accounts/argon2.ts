/** argon2id with OWASP's second choice of parameters (Password Storage Cheat Sheet): 19 MiB, two passes, one lane. */
export const ARGON2 = { memoryKiB: 19_456, passes: 2, lanes: 1, saltBytes: 16, outputBytes: 32 } as const;

/** What we use of an argon2 library. Both give and take the same PHC strings; a test holds them to it. */
export interface Argon2 {
  readonly library: '@node-rs/argon2' | 'argon2';
  /** @returns a PHC string with the parameters of `ARGON2` and a fresh salt */
  hash(password: string, secret: Buffer): Promise<string>;
  /** Obeys the parameters in `phc`: bound them first. @throws on a malformed string */
  verify(phc: string, password: string, secret: Buffer | null): Promise<boolean>;
  /** @returns the bare digest of `ARGON2.outputBytes` bytes */
  digest(input: string, salt: Buffer, secret: Buffer): Promise<Buffer>;
}

/** Half the CPU time of the other one on x86-64, but without a binary on some platforms. */
export async function nodeRsArgon2(): Promise<Argon2> {
  const { hash, hashRaw, verify } = await import('@node-rs/argon2');
  const options = {
    algorithm: 2, // argon2id; the library's const enum cannot be imported under isolatedModules
    memoryCost: ARGON2.memoryKiB,
    timeCost: ARGON2.passes,
    parallelism: ARGON2.lanes,
    outputLen: ARGON2.outputBytes,
  };
  return {
    library: '@node-rs/argon2',
    hash: (password, secret) => hash(password, { ...options, secret }),
    verify: (phc, password, secret) => verify(phc, password, secret ? { secret } : {}),
    digest: (input, salt, secret) => hashRaw(input, { ...options, salt, secret }),
  };
}

export async function nodeArgon2(): Promise<Argon2> {
  const { argon2id, hash, verify } = await import('argon2');
  const options = {
    type: argon2id,
    memoryCost: ARGON2.memoryKiB,
    timeCost: ARGON2.passes,
    parallelism: ARGON2.lanes,
    hashLength: ARGON2.outputBytes,
  } as const;
  return {
    library: 'argon2',
    // This library writes `m,p,t`; the PHC string format has `m,t,p`, as everybody else writes it.
    hash: async (password, secret) =>
      (await hash(password, { ...options, secret })).replace(/(m=\d+),(p=\d+),(t=\d+)/, '$1,$3,$2'),
    verify: (phc, password, secret) => verify(phc, password, secret ? { secret } : {}),
    digest: (input, salt, secret) => hash(input, { ...options, salt, secret, raw: true }),
  };
}

/** @returns the faster library, or the other where this platform has no binary of the first */
export async function loadArgon2(): Promise<Argon2> {
  try {
    return await nodeRsArgon2();
  } catch {
    return nodeArgon2();
  }
}
