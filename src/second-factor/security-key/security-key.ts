import type { Account } from '../../accounts/account.ts';
import type { Audit } from '../../audit/audit.ts';
import { refOf, type AccountRef } from '../../core/account-ref.ts';
import type { Clock } from '../../core/clock.ts';
import { DomainError } from '../../core/errors.ts';
import type { Random } from '../../core/random.ts';
import type { Notifications } from '../../notifications/notifications.ts';
import type { Challenge, Form, Refusal, SecondFactorMethod, Verdict } from '../method.ts';
import { openChallenge, takenChallenge } from './key-challenge.ts';
import { checkAssertion, type KnownKey, type Proof, type RelyingParty, requestOptions } from './webauthn.ts';
import { readAssertion } from './wire.ts';

/** One security key as its owner set it up. */
export interface SecurityKey extends AccountRef, KnownKey {
  /** The id in `account.methods`. */
  readonly id: string;
  readonly name: string;
  /** Signatures so far as the key counts them; 0 for ever = it does not count. */
  readonly counter: number;
  readonly backedUp: boolean;
  /** Whether the key also checked a PIN or a finger when it was last used: told to nobody, demanded by nothing. */
  readonly userVerified: boolean;
  readonly transports: readonly string[];
  readonly aaguid: string | null;
  readonly addedAt: Date;
  readonly lastUsedAt: Date | null;
}

export interface SecurityKeyStore {
  /** Those keys of `who` whose ids are asked for; what is not there is left out. */
  findMany(who: AccountRef, ids: readonly string[]): Promise<SecurityKey[]>;
  /**
   * Atomic: moves the counter forward, and notes the use. A key that does not count stays at 0.
   * @returns false when the counter of `proof` is not ahead of the stored one, or the key is gone
   */
  use(key: SecurityKey, proof: Proof, at: Date): Promise<boolean>;
}

export interface SecurityKeyPorts {
  readonly store: SecurityKeyStore;
  readonly relyingParty: RelyingParty;
  readonly clock: Clock;
  readonly random: Random;
  readonly audit: Audit;
  readonly notifications: Notifications;
}

const noGuess = (reason: Refusal): Verdict => ({ ok: false, reason, guess: false });
const refused = (reason: 'wrong' | 'not-yours'): Verdict => ({ ok: false, reason, guess: true });

/** Errors of the browser by which it says that it cannot do this here; all others mean that nothing was touched. */
const CANNOT =
  /^failed:(ERROR_INVALID_DOMAIN|ERROR_INVALID_RP_ID|SecurityError|NotSupportedError|TypeError)$/;

/** What a form without an answer of a key means; `client_state` is told by the page's script. */
function missingAnswer({ client_state: state = '' }: Form): Refusal {
  if (state === 'no-script' || state === 'no-webauthn' || CANNOT.test(state)) return 'unsupported';
  return 'no-answer';
}

function listedIds(account: Account): string[] {
  return account.methods.filter(({ kind }) => kind === 'security-key').map(({ id }) => id);
}

/** A key that is touched (WebAuthn, also the plain U2F keys). The site's address is part of what it signs. */
export function securityKey({
  store,
  relyingParty,
  clock,
  random,
  audit,
  notifications,
}: SecurityKeyPorts): SecondFactorMethod {
  /**
   * Either two copies of the key exist, or somebody replays. The key stays: its owner decides (WebAuthn 3 section
   * 6.1.1).
   */
  async function reportCopy(account: Account, key: SecurityKey, seen: number): Promise<void> {
    await audit.record({
      event: 'counter_went_back',
      tenantId: account.tenantId,
      actor: null,
      subject: { tenantId: account.tenantId, accountId: account.accountId },
      result: 'refused',
      method: 'security-key',
      reason: 'possible_copy',
      details: { keyId: key.id, stored: key.counter, seen },
    });
    const mail = { kind: 'possible-copy', name: key.name, at: clock(), device: null } as const;
    await notifications.notify(refOf(account), mail);
  }

  async function judge(account: Account, challenge: Challenge, text: string): Promise<Verdict> {
    const assertion = readAssertion(text);
    if (!assertion) return noGuess('malformed');
    const asked = takenChallenge(challenge, { purpose: 'get', who: account, relyingParty });
    if (asked === null || clock() >= asked.expiresAt) return noGuess('expired');

    const keys = await store.findMany(account, listedIds(account));
    const key = keys.find(({ credentialId }) => credentialId === assertion.id);
    const offered = asked.offered.includes(assertion.id);
    const { userHandle } = assertion.response;
    const foreign = typeof userHandle === 'string' && userHandle !== account.userHandle;
    if (!key || !offered || foreign) return refused('not-yours');

    const proof = await checkAssertion(relyingParty, asked.challenge, key, assertion);
    if (!proof) return refused('wrong');
    if (!(await store.use(key, proof, clock()))) {
      await reportCopy(account, key, proof.counter);
      return refused('wrong');
    }
    // RFC 8176: `hwk` is a key that cannot leave its device, `pop` any key. `user` is the touch; a PIN adds nothing.
    return { ok: true, amr: [key.backupEligible ? 'pop' : 'hwk', 'user'], credentialId: key.id };
  }

  return {
    id: 'security-key',
    level: 3,
    budget: null,
    isHeldBy: (account) => listedIds(account).length > 0,

    async begin(account) {
      const keys = await store.findMany(account, listedIds(account));
      // Listed and not there is a fault of ours, never "no key".
      if (keys.length === 0) throw new DomainError('method_unavailable', { detail: 'security-key' });
      const offered = keys.map(({ credentialId }) => credentialId);
      const opened = openChallenge({ purpose: 'get', who: account, relyingParty, offered }, clock(), random);
      const options = await requestOptions(relyingParty, opened.bytes, keys);
      return { challenge: opened.challenge, view: { options: JSON.stringify(options) } };
    },

    async verify(account, challenge, form) {
      if (!this.isHeldBy(account)) return noGuess('not-enrolled');
      const { response = '' } = form;
      return response === '' ? noGuess(missingAnswer(form)) : judge(account, challenge, response);
    },
  };
}
