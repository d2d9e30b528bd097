import type { Connection } from 'mongoose';
import type { RecoverySet } from '../accounts/account.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { AccountRef } from '../core/account-ref.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../core/clock.ts';
import type { EnrollableId } from '../core/method-ids.ts';
import { type Random, systemRandom } from '../core/random.ts';
import type { Keyring } from '../keys.ts';
import type { CollectionSpec } from '../storage/indexes.ts';
import type { Notifications } from '../notifications/notifications.ts';
import type { Vault, VaultError } from '../storage/vault.ts';
import { authenticatorAppEnrolment } from './authenticator-app/authenticator-app-enrolment.ts';
import {
  authenticatorAppCollection,
  authenticatorAppStore,
} from './authenticator-app/authenticator-app-store.ts';
import { authenticatorApp } from './authenticator-app/authenticator-app.ts';
import { authenticatorAppProvisioner } from './authenticator-app/authenticator-app-provisioner.ts';
import { asListed, checkListed, enrolmentAsListed } from './listed.ts';
import type { EnrolledFactor, RunningFactor } from './running-factor.ts';
import { newCodes, readCode } from './recovery-code/codes.ts';
import { recoveryCode, recoverySet } from './recovery-code/recovery-code.ts';
import { rescueCode, rescueCodes } from './rescue-code/rescue-code.ts';
import { modelBook, modelName } from './security-key/model-names.ts';
import { securityKeyEnrolment } from './security-key/security-key-enrolment.ts';
import { securityKeyCollection, securityKeyStore } from './security-key/security-key-store.ts';
import { securityKey } from './security-key/security-key.ts';
import { securityKeyProvisioner } from './security-key/security-key-provisioner.ts';
import { type CodeDigests, showTypedCode } from './typed-code.ts';

export interface MethodPorts {
  readonly connection: Connection;
  readonly vault: Vault;
  readonly accounts: Pick<Accounts, 'spendRecoveryDigest' | 'spendRescueCode' | 'findById'>;
  readonly passwords: CodeDigests;
  readonly recoveryPepper: Keyring;
  readonly audit: Audit;
  readonly notifications: Notifications;
  readonly clock: Clock;
  /** Own address: origin and RP ID of security keys. */
  readonly issuer: URL;
  readonly random?: Random;
  /** A stored secret does not open: keys are missing, or a row was changed. Somebody must look (rule sealed). */
  readonly alarm: (who: AccountRef, problem: VaultError) => void;
}

/** Collections of all methods, for the making of indexes. */
export const methodCollections: readonly CollectionSpec[] = [
  securityKeyCollection,
  authenticatorAppCollection,
];

/** Every second factor there is, what sets it up, and where it keeps what it needs. */
export function createMethods(ports: MethodPorts) {
  const {
    connection,
    vault,
    accounts,
    passwords: digests,
    audit,
    notifications,
    clock,
    issuer,
    random = systemRandom,
  } = ports;
  const securityKeys = securityKeyStore(connection);
  const authenticatorApps = authenticatorAppStore(connection, vault, ports.alarm);
  const relyingParty = { rpId: issuer.hostname, origin: issuer.origin };

  const rescues = rescueCodes({ accounts, digests, pepper: ports.recoveryPepper, clock, random });

  // Best first: the first that a person holds is asked, the others are "another way". A new method is its folder, its
  // views, one entry here, and a row that says what it is worth (core/factors.ts).
  const factors: readonly RunningFactor[] = [
    {
      method: securityKey({ store: securityKeys, relyingParty, clock, random, audit, notifications }),
      enrolment: securityKeyEnrolment({ store: securityKeys, relyingParty, clock, random, modelName }),
      provisioner: securityKeyProvisioner({ store: securityKeys, accounts, clock, random }),
      list: (who) => securityKeys.list(who),
    },
    {
      method: authenticatorApp({ store: authenticatorApps, clock }),
      enrolment: authenticatorAppEnrolment({ store: authenticatorApps, vault, clock, random }),
      provisioner: authenticatorAppProvisioner({ store: authenticatorApps, clock }),
      list: (who) => authenticatorApps.list(who),
    },
    { method: recoveryCode({ accounts, digests, clock, random }) },
    { method: rescueCode(rescues, clock) },
  ];
  const enrolled = factors.filter((one) => 'enrolment' in one);
  const methods = factors.map(({ method }) => method);
  const enrolments = enrolled.map(({ enrolment }) => enrolment);
  const provisioners = enrolled.flatMap(({ provisioner }) => provisioner ?? []);
  checkListed(methods, enrolments);

  return {
    methods: methods.map(asListed),
    enrolments: enrolments.map(enrolmentAsListed),
    provisioners,
    securityKeys,
    authenticatorApps,

    /** Seals anew what an older key sealed. May be repeated, also beside use. */
    resealMethods: () => authenticatorApps.resealAll(),

    /** Models of security keys by name, for rules about them. */
    modelBook,
    /** What each kind's own store knows of the methods of somebody. */
    inventory: Object.fromEntries(enrolled.map(({ enrolment, list }) => [enrolment.id, list])) as Readonly<
      Record<EnrollableId, EnrolledFactor['list']>
    >,

    /** @returns 15 new codes in their normal form; nothing is kept of them */
    newRecoveryCodes: (): string[] => newCodes(random),

    /** The form in which people see a code. */
    showRecoveryCode: showTypedCode,

    /** Codes that people in charge give: making them, and judging them before a forced set-up. */
    rescues,

    /** @returns what is stored of a set of codes. @throws RangeError when one is no code; DomainError busy */
    makeRecoverySet: (codes: readonly string[]): Promise<RecoverySet> =>
      recoverySet(codes, { digests, pepperId: ports.recoveryPepper.current.id, random, clock }),

    /** Whether what comes by file can ever prove anything; asked before it is stored. */
    checks: { provisioners, isRecoveryCode: (text: string) => readCode(text) !== null },
  };
}

export type { RescueCodes } from './rescue-code/rescue-code.ts';

export type Methods = ReturnType<typeof createMethods>;
