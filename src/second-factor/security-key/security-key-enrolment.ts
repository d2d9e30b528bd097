import type { Account } from '../../accounts/account.ts';
import type { AccountRef } from '../../core/account-ref.ts';
import type { Clock } from '../../core/clock.ts';
import { type Random, randomId } from '../../core/random.ts';
import { keyRefusal } from '../../tenants/allowed.ts';
import { type Enrolment, type EnrolmentRefusal, type EnrolmentVerdict, tidyName } from '../enrolment.ts';
import type { Form } from '../method.ts';
import { openChallenge, takenChallenge } from './key-challenge.ts';
import type { SecurityKey, SecurityKeyStore } from './security-key.ts';
import { checkAttestation, creationOptions, type RelyingParty } from './webauthn.ts';
import { readAttestation } from './wire.ts';

export interface SecurityKeyEnrolmentPorts {
  readonly store: SecurityKeyStore & {
    /** @returns false when the credential is somebody's already */
    insert(key: SecurityKey): Promise<boolean>;
    list(who: AccountRef): Promise<SecurityKey[]>;
    rename(who: AccountRef, id: string, name: string): Promise<boolean>;
    remove(who: AccountRef, id: string): Promise<boolean>;
    hold(who: AccountRef, id: string, until: Date): Promise<boolean>;
    removeUnheld(who: AccountRef, id: string, now: Date): Promise<boolean>;
  };
  readonly relyingParty: RelyingParty;
  readonly clock: Clock;
  readonly random: Random;
  /** @returns what people call a model of key; null = not known */
  readonly modelName: (aaguid: string) => string | null;
}

/** How long the write that lists a key may take; milliseconds. More than any request has. */
const HOLD_MS = 60_000;

const DEFAULT_NAME = 'Security key';

const refused = (reason: EnrolmentRefusal): EnrolmentVerdict => ({ ok: false, reason });

function listedIds(account: Account): string[] {
  return account.methods.filter(({ kind }) => kind === 'security-key').map(({ id }) => id);
}

/** What a form without an answer of a key means. */
function missingAnswer({ client_state: state = '' }: Form): EnrolmentRefusal {
  if (/^failed:(ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED|InvalidStateError)$/.test(state)) return 'same';
  const cannot =
    /^(no-script|no-webauthn|failed:(ERROR_INVALID_DOMAIN|ERROR_INVALID_RP_ID|SecurityError|NotSupportedError))$/;
  return cannot.test(state) ? 'unsupported' : 'no-answer';
}

/** Adding a security key (WebAuthn 3, section 7.1). */
export function securityKeyEnrolment(ports: SecurityKeyEnrolmentPorts): Enrolment {
  const { store, relyingParty, clock, random, modelName } = ports;

  /** A credential that is stored and not listed was left by a set-up that never ended: make room for this one. */
  async function insert(account: Account, key: SecurityKey): Promise<EnrolmentRefusal | null> {
    if (await store.insert(key)) return null;
    const own = (await store.list(account)).find(({ credentialId }) => credentialId === key.credentialId);
    if (!own) return 'taken';
    if (listedIds(account).includes(own.id)) return 'same';
    // Another set-up of this moment may just be ending with it: that one wins.
    if (!(await store.removeUnheld(account, own.id, clock()))) return 'same';
    return (await store.insert(key)) ? null : 'taken';
  }

  return {
    id: 'security-key',
    asksName: true,

    async begin(account, tenant) {
      const opened = openChallenge(
        { purpose: 'create', who: account, relyingParty, offered: [] },
        clock(),
        random,
      );
      const options = await creationOptions(relyingParty, opened.bytes, {
        rpName: tenant.name,
        userName: account.email,
        displayName: account.name,
        userHandle: account.userHandle,
        exclude: await store.findMany(account, listedIds(account)),
        separateKey: !tenant.policy.keys.allowSynced,
      });
      return { challenge: opened.challenge, view: { options: JSON.stringify(options) } };
    },

    async finish(account, tenant, challenge, form) {
      const { response = '' } = form;
      if (response === '') return refused(missingAnswer(form));
      const attestation = readAttestation(response);
      if (!attestation) return refused('malformed');
      const asked = takenChallenge(challenge, { purpose: 'create', who: account, relyingParty });
      if (asked === null || clock() >= asked.expiresAt) return refused('expired');

      const made = await checkAttestation(relyingParty, asked.challenge, attestation);
      if (!made) return refused('wrong');
      const facts = { model: made.aaguid, synced: made.backupEligible };
      const reason = keyRefusal(tenant.policy.keys, facts);
      if (reason) return refused(reason);

      const method = { id: randomId(random), kind: 'security-key', addedAt: clock(), ...facts } as const;
      const name = tidyName(form.name, modelName(made.aaguid) ?? DEFAULT_NAME);
      const taken = await insert(account, {
        ...made,
        id: method.id,
        tenantId: account.tenantId,
        accountId: account.accountId,
        name,
        addedAt: method.addedAt,
        lastUsedAt: null,
      });
      if (taken) return refused(taken);
      return { ok: true, method, name, amr: [made.backupEligible ? 'pop' : 'hwk', 'user'] };
    },

    hold: (account, id) => store.hold(account, id, new Date(clock().getTime() + HOLD_MS)),

    rename: (account, id, name) => store.rename(account, id, tidyName(name, DEFAULT_NAME)),

    async discard(account, id) {
      await store.remove(account, id);
    },
  };
}
