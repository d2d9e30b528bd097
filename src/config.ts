import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { z } from 'zod';

const wholeNumber = (least: number, most: number, example: number) => {
  const error = `must be a whole number from ${least} to ${most}, for example ${example}`;
  return z.coerce.number({ error }).int({ error }).min(least, { error }).max(most, { error });
};
const port = wholeNumber(0, 65_535, 8000);
/** Hosts with or without a port, and commas between them; no scheme and no path. */
const hosts = /^[^/@?#]*$/;
/** Host names that only this machine reaches, in the spelling of the URL parser (RFC 6761 6.3 for `localhost`). */
const LOOPBACK = /^((.+\.)?localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Every setting, read from the environment once, at start. `config/README.md` has the same list with meaning, unit
 * and default; a test compares the two.
 */
const environment = z.object({
  NODE_ENV: z.enum(['production', 'development', 'test']).default('development'),
  ISSUER: z
    .url({ protocol: /^https?$/, error: 'must be an address such as https://id.example.com' })
    .default('http://localhost:3000'),
  PORT: port.default(3000),
  MANAGEMENT_PORT: port.default(3001),
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, 'must be an address such as mongodb://127.0.0.1:27017/stile')
    .optional(),
  DATA_DIR: z.string().min(1).default('./data'),
  PROVISION: z.string().optional(),
  KEYS_FILE: z.string().min(1).optional(),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//, 'must be an address such as smtp://mail.example.com:587')
    .optional(),
  MAIL_FROM: z.string().min(3).default('Stile <no-reply@localhost>'),
  WORKERS: z
    .union([z.literal('auto'), wholeNumber(1, 64, 2)], {
      error: 'must be a whole number from 1 to 64, or auto',
    })
    .default(1),
  TRUSTED_PROXIES: wholeNumber(0, 10, 1).default(0),
  DEMO_APP_PORT: port.default(3100),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  BACKCHANNEL_ALLOW: z
    .string()
    .regex(hosts, 'must be hosts such as desk.internal or desk.internal:8443, with commas between them')
    .default(''),
  TRIAL_ON_LAN: z.enum(['yes', 'no'], { error: 'must be yes or no' }).default('no'),
});

/** Every setting with its default as text; undefined = none. For the test that compares config/README.md. */
export const SETTINGS = Object.entries(environment.parse({})).reduce<Map<string, string>>(
  (settings, [name, value]) => settings.set(name, String(value)),
  new Map(Object.keys(environment.shape).map((name) => [name, ''])),
);

/** The settings under the names the code uses; frozen. */
export interface Config {
  readonly mode: 'production' | 'development' | 'test';
  /** Own address: issuer, WebAuthn origin and base of every link. Never taken from a request. */
  readonly issuer: URL;
  /** The only address of this machine that ports are opened on; undefined = all of them. */
  readonly listenOn: string | undefined;
  readonly port: number;
  readonly managementPort: number;
  readonly mongodbUri: string | undefined;
  readonly dataDir: string;
  /** Provisioning file applied at start; undefined = none. */
  readonly provision: string | undefined;
  readonly keysFile: string | undefined;
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string;
  /** Whether `/dev/mailbox` shows the mails that no mail server takes: to people at this machine alone. */
  readonly showsMailbox: boolean;
  readonly workers: number;
  /** How many proxies before us append to `X-Forwarded-For`; 0 = the header is ignored. */
  readonly trustedProxies: number;
  /** 0 = off. */
  readonly demoAppPort: number;
  readonly logLevel: string;
  /** Private hosts (name or name:port) that logout tokens may go to. */
  readonly backchannelAllow: readonly string[];
  /** Password digests that are computed at once. */
  readonly hashConcurrency: number;
  /** Lifetime of one sign-in; seconds. */
  readonly signInSeconds: number;
}

/** A setting is missing or wrong. The message names each variable, what is wrong and a valid example. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** `NAME_FILE` holds the path of a file with the value of `NAME`; both at once are refused. */
function readFileVariables(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const values: Record<string, string> = {};
  for (const name of Object.keys(environment.shape)) {
    const inline = env[name];
    const file = env[`${name}_FILE`];
    if (inline !== undefined && file !== undefined && inline !== '') {
      throw new ConfigError(`${name} and ${name}_FILE are both set: keep one.`);
    }
    if (file !== undefined) {
      try {
        values[name] = readFileSync(file, 'utf8').trim();
      } catch (cause) {
        throw new ConfigError(`${name}_FILE names a file that cannot be read: ${file}`, { cause });
      }
    } else if (inline !== undefined && inline !== '') {
      values[name] = inline;
    }
  }
  return values;
}

/**
 * Reads and checks all settings.
 * @param env usually `process.env`
 * @throws ConfigError that names every wrong variable
 */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const parsed = environment.safeParse(readFileVariables(env));
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`These settings are not right (see config/README.md):\n${lines.join('\n')}`);
  }
  const e = parsed.data;
  const production = e.NODE_ENV === 'production';
  const issuer = new URL(e.ISSUER);
  const confined = !production && e.TRIAL_ON_LAN === 'no';
  const config: Config = {
    mode: e.NODE_ENV,
    issuer,
    listenOn: confined ? loopbackOf(issuer) : undefined,
    port: e.PORT,
    managementPort: e.MANAGEMENT_PORT,
    mongodbUri: e.MONGODB_URI,
    dataDir: e.DATA_DIR,
    provision: e.PROVISION ?? (e.NODE_ENV === 'development' ? 'config/demo.yaml' : undefined),
    keysFile: e.KEYS_FILE,
    smtpUrl: e.SMTP_URL,
    mailFrom: e.MAIL_FROM,
    showsMailbox: confined && e.SMTP_URL === undefined,
    workers: e.WORKERS === 'auto' ? availableParallelism() : e.WORKERS,
    trustedProxies: e.TRUSTED_PROXIES,
    demoAppPort: production ? 0 : e.DEMO_APP_PORT,
    logLevel: e.LOG_LEVEL,
    backchannelAllow: e.BACKCHANNEL_ALLOW.split(',')
      .map((host) => host.trim())
      .filter(Boolean),
    hashConcurrency: hashConcurrency(env.UV_THREADPOOL_SIZE),
    signInSeconds: 10 * 60,
  };
  if (production) refuseUnsafeProduction(config, e.TRIAL_ON_LAN);
  return Object.freeze(config);
}

/**
 * Where a Stile for trying out listens: its people, passwords and mails are open to whoever reaches it.
 * @throws ConfigError when others could reach `issuer`
 */
function loopbackOf({ hostname, href }: URL): string {
  if (!LOOPBACK.test(hostname)) {
    throw new ConfigError(
      `ISSUER is ${href}, and this is not production mode: demo people, sample app and mailbox would be open to others.\n` +
        '  Set NODE_ENV=production, or ISSUER=http://localhost:3000. For a trial on a trusted network: TRIAL_ON_LAN=yes.',
    );
  }
  return hostname.endsWith('localhost') ? '127.0.0.1' : hostname.replace(/[[\]]/g, '');
}

/**
 * One hash a core, and two threads of libuv's pool stay free for token signing and files.
 * @param poolSize `UV_THREADPOOL_SIZE`; Node's default is 4. `npm start` sets 16
 */
function hashConcurrency(poolSize = '4'): number {
  return Math.max(1, Math.min(availableParallelism(), (Number(poolSize) || 4) - 2));
}

/** @returns what `${NAME}` in a provisioning file stands for: a variable of the environment, else a setting's default */
export function readVariable(name: string): string | undefined {
  const value = process.env[name];
  const preset = SETTINGS.get(name) ?? '';
  // An empty setting counts as not set, as everywhere.
  return preset !== '' && (value === undefined || value === '') ? preset : value;
}

/** What production mode does not start with. */
function refuseUnsafeProduction(config: Config, trialOnLan: 'yes' | 'no'): void {
  const wrong: string[] = [];
  if (trialOnLan === 'yes') wrong.push('TRIAL_ON_LAN is for trying out only: leave it out');
  if (config.issuer.protocol !== 'https:')
    wrong.push('ISSUER must be https, for example https://id.example.com');
  if (config.mongodbUri === undefined) {
    wrong.push(
      'MONGODB_URI must be set to a replica set, for example mongodb://db1,db2,db3/stile?replicaSet=rs0',
    );
  }
  if (config.keysFile === undefined)
    wrong.push('KEYS_FILE must be set: "npm run cli -- keys create FILE" makes one');
  if (config.backchannelAllow.some((host) => /^(localhost|127\.|\[::1\])/.test(host))) {
    wrong.push('BACKCHANNEL_ALLOW must not hold a loopback address');
  }
  if (wrong.length > 0)
    throw new ConfigError(`Production mode does not start like this:\n  ${wrong.join('\n  ')}`);
}
