import type { AccountRef } from '../core/account-ref.ts';
import type { Enrolment } from './enrolment.ts';
import type { SecondFactorMethod } from './method.ts';
import type { Provisioner } from './provisioner.ts';

/** What a method's own store knows of one that somebody set up. */
export interface StoredFacts {
  readonly id: string;
  readonly name: string;
  readonly addedAt: Date;
  readonly lastUsedAt: Date | null;
}

/** A factor that people set up, with all that runs of it. */
export interface EnrolledFactor {
  readonly method: SecondFactorMethod;
  readonly enrolment: Enrolment;
  /** Absent = it does not come by the provisioning file. */
  readonly provisioner?: Provisioner;
  list(who: AccountRef): Promise<readonly StoredFacts[]>;
}

/** A factor that stands in for one of those. */
export interface StandInFactor {
  readonly method: SecondFactorMethod;
}

export type RunningFactor = EnrolledFactor | StandInFactor;
