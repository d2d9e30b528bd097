import { randomBytes } from 'node:crypto';
import { accountCollection, accountStore } from '../../src/accounts/account-store.ts';
import type { Account, EnrolledMethod } from '../../src/accounts/account.ts';
import type { Accounts } from '../../src/accounts/accounts.ts';
import { loadArgon2 } from '../../src/accounts/argon2.ts';
import { hashQueue } from '../../src/accounts/hash-queue.ts';
import { createPasswords } from '../../src/accounts/passwords.ts';
import type { AuditEntry } from '../../src/audit/audit.ts';
import { randomId } from '../../src/core/random.ts';
import type { Keyring } from '../../src/keys.ts';
import { createMethods, methodCollections, type Methods } from '../../src/second-factor/methods.ts';
import { ensureIndexes } from '../../src/storage/indexes.ts';
import type { Mail, Recipient } from '../../src/notifications/mail.ts';
import { createVault, type Vault, type VaultError } from '../../src/storage/vault.ts';
import { testDatabase, type TestDatabase } from '../support/database.ts';

export const ISSUER = new URL('https://id.example.com');
export const RP_ID = ISSUER.hostname;
export const ORIGIN = ISSUER.origin;

export function keyring(id: string): Keyring {
  const secret = randomBytes(32);
  return { current: { id, secret }, find: (wanted) => (wanted === id ? secret : null) };
}

/** Methods on a real database with real hashing; the clock stands where the test puts it. */
export interface World extends Methods {
  readonly database: TestDatabase;
  readonly accounts: Accounts;
  readonly vault: Vault;
  readonly audited: AuditEntry[];
  readonly mailed: { to: Recipient; mail: Mail }[];
  readonly alarms: VaultError[];
  /** Every digest that was computed, to count the work. */
  readonly digested: string[];
  now: Date;
  /** A person of `tenantId` with nothing set up. */
  person(tenantId?: string): Promise<Account>;
  /** Lists methods on an account, as set-up will. */
  list(account: Account, kinds: Partial<Record<string, EnrolledMethod['kind']>>): Promise<Account>;
}

export async function createWorld(encryption: Keyring = keyring('enc-1')): Promise<World> {
  const database = await testDatabase();
  const { connection } = database;
  await ensureIndexes(connection, [accountCollection, ...methodCollections]);
  const accounts = accountStore(connection);
  const audited: AuditEntry[] = [];
  const mailed: { to: Recipient; mail: Mail }[] = [];
  const alarms: VaultError[] = [];
  const digested: string[] = [];
  const recoveryPepper = keyring('rec-1');
  const clock = () => world.now;
  const passwords = await createPasswords({
    argon2: await loadArgon2(),
    // 50 people at once are a test of who wins, not of the queue.
    queue: hashQueue({ concurrency: 2, maxWaiting: 1000, maxWaitMs: 30_000 }),
    pepper: keyring('pw-1'),
    recoveryPepper,
    clock,
    alarm: () => undefined,
  });
  const vault = createVault(encryption);
  const methods = createMethods({
    connection,
    vault,
    accounts,
    passwords: {
      digestCode(code, salt, pepperId) {
        digested.push(code);
        return passwords.digestCode(code, salt, pepperId);
      },
    },
    recoveryPepper,
    audit: { record: async (entry) => void audited.push(entry) },
    notifications: { notify: async (to, mail) => void mailed.push({ to, mail }) },
    clock,
    issuer: ISSUER,
    alarm: (_who, problem) => alarms.push(problem),
  });

  const world: World = {
    ...methods,
    database,
    accounts,
    vault,
    audited,
    mailed,
    alarms,
    digested,
    now: new Date('2026-11-02T09:00:15Z'),

    async person(tenantId = 'northwind') {
      const accountId = randomId();
      const account: Account = {
        tenantId,
        accountId,
        email: `${accountId.toLowerCase()}@${tenantId}.example`,
        name: 'Ana Ribeiro',
        roles: ['agent'],
        state: 'active',
        claims: {},
        password: null,
        methods: [],
        methodCount: 0,
        firstMethodAt: null,
        recovery: null,
        skips: 0,
        lastSkipIn: null,
        validFrom: 0,
        keptSessionUid: null,
        credVersion: 1,
        userHandle: randomBytes(64).toString('base64url'),
        createdAt: world.now,
      };
      await accounts.insert(account);
      return account;
    },

    async list(account, kinds) {
      const added = Object.entries(kinds).map(
        ([id, kind]) => ({ id, kind, addedAt: world.now }) as EnrolledMethod,
      );
      const saved = await accounts.save(account, { methods: [...account.methods, ...added] });
      if (!saved) throw new Error('changed meanwhile');
      return saved;
    },
  };
  return world;
}
