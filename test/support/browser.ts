import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** @returns the path of the system's Chromium; `CHROMIUM` names another. @throws when there is none */
export function chromiumPath(): string {
  const path = [process.env.CHROMIUM, ...PLACES].find((one) => one !== undefined && existsSync(one));
  if (path === undefined)
    throw new Error('no Chromium: apt-get install chromium, or set CHROMIUM to its path');
  return path;
}

let shared: Promise<Browser> | undefined;

/** One browser for the whole run; each test opens a context of its own in it. */
export function browser(): Promise<Browser> {
  shared ??= chromium.launch({
    executablePath: chromiumPath(),
    args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars'],
  });
  return shared;
}

/** Mocha calls this when all tests of the process are over (`.mocharc.json`, require). */
export const mochaHooks = {
  async afterAll(): Promise<void> {
    await (await shared)?.close();
    shared = undefined;
  },
};

/** Runs `use` in a fresh context, which shares nothing with any other, and closes it. */
export async function withContext<T>(
  options: Parameters<Browser['newContext']>[0],
  use: (context: BrowserContext) => Promise<T>,
): Promise<T> {
  const context = await (await browser()).newContext(options);
  try {
    return await use(context);
  } finally {
    await context.close();
  }
}

/** A security key as Chromium imitates it. */
export interface VirtualKeyOptions {
  /** `u2f` = an old key that knows CTAP1 only. */
  readonly protocol?: 'ctap2' | 'u2f';
  readonly transport?: 'usb' | 'nfc' | 'ble' | 'internal';
  readonly hasUserVerification?: boolean;
  readonly isUserVerified?: boolean;
  readonly hasResidentKey?: boolean;
  /** The credentials that it makes may be copied to other devices ("synced passkeys"). */
  readonly backupEligible?: boolean;
  readonly backupState?: boolean;
  /** Touches itself; false = nobody touches it. */
  readonly touches?: boolean;
}

/** As CDP hands it out: `credentialId` and `privateKey` (PKCS #8) in base64. */
export interface VirtualCredential {
  readonly credentialId: string;
  readonly isResidentCredential: boolean;
  readonly rpId?: string;
  readonly privateKey: string;
  readonly signCount: number;
  readonly userHandle?: string;
  readonly backupEligibility?: boolean;
  readonly backupState?: boolean;
}

export interface VirtualKey {
  credentials(): Promise<readonly VirtualCredential[]>;
  add(credential: VirtualCredential): Promise<void>;
  /** Whether it is touched when it is asked. */
  touches(touched: boolean): Promise<void>;
  unplug(): Promise<void>;
}

/** Plugs a key into `page` (WebAuthn 3, section 11: CDP's WebAuthn domain). Several at once are several keys. */
export async function plugIn(page: Page, options: VirtualKeyOptions = {}): Promise<VirtualKey> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: options.protocol ?? 'ctap2',
      transport: options.transport ?? 'usb',
      hasResidentKey: options.hasResidentKey ?? false,
      hasUserVerification: options.hasUserVerification ?? false,
      isUserVerified: options.isUserVerified ?? false,
      automaticPresenceSimulation: options.touches ?? true,
      ...(options.backupEligible === undefined ? {} : { defaultBackupEligibility: options.backupEligible }),
      ...(options.backupState === undefined ? {} : { defaultBackupState: options.backupState }),
    },
  });
  return {
    async credentials() {
      const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
      return credentials;
    },
    async add(credential) {
      await cdp.send('WebAuthn.addCredential', { authenticatorId, credential });
    },
    async touches(enabled) {
      await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
    },
    async unplug() {
      await cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
    },
  };
}

export const WIDTHS = [1280, 360] as const;
export const SCHEMES = ['light', 'dark'] as const;
