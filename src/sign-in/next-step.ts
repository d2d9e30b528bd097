import { acrOfLevel, amrClaim, levelOfAmr, type Level } from '../core/assurance.ts';
import type { EnrollableId, MethodId } from '../core/method-ids.ts';
import type { EnrolmentProof } from '../set-up/set-up.ts';
import type { Grace } from '../tenants/standing.ts';
import type { Demand } from '../core/demand.ts';

/** The second-factor answers that one sign-in takes (rule budgets). */
export const MAX_TRIES = 5;

/** What was proved so far. A `SignIn` fits, but for `fresh`. */
export interface Progress {
  readonly passwordAt: number | null;
  /** `carried`: proved earlier, in the session that is being stepped up. */
  readonly proofs: readonly { readonly amr: readonly string[]; readonly carried: boolean }[];
  /** Answers given to second factors and not found right. */
  readonly tries: number;
  /** The person chose not to prove more than they must. */
  readonly declined: boolean;
  /** Recovery codes left, when one was used and the person was not told yet; else null. */
  readonly untoldCodesLeft: number | null;
  /** A method that was set up on the way, when the person was not told yet; else null. */
  readonly untoldSetUp: EnrollableId | null;
  /** What was proved is young enough to change how the person signs in (rule fresh-proof). */
  readonly fresh: boolean;
  /** The tenant wants a method set up, and lets the person put that off once more; null = it does not ask, or may not. */
  readonly grace: Grace | null;
  /** Somebody else may know the password: whoever has proved all they can chooses another one, and does nothing else. */
  readonly exposed: boolean;
  /** What has to be proved before a method is set up; null = nothing. */
  readonly missing: EnrolmentProof | null;
  /** The person has set methods up, and the tenant does not allow any of them any more. */
  readonly lacks: boolean;
}

/** A method that the person holds and the tenant allows, with the most it can reach; best first. */
export interface Usable {
  readonly id: MethodId;
  readonly level: 2 | 3;
  /** It proves nothing any more: listed beside what does, and no reason to ask. */
  readonly over?: boolean;
}

const canProve = (methods: readonly Usable[]) => methods.some(({ over }) => over !== true);

/** A method that the person could set up here, with the most it can reach; safest first. */
export interface Settable {
  readonly id: EnrollableId;
  readonly level: 2 | 3;
}

export type Step =
  | { readonly kind: 'password' }
  /** `methods`: those that bring the person on, best first. `mayDecline`: it was only asked for. */
  | { readonly kind: 'second-factor'; readonly methods: readonly MethodId[]; readonly mayDecline: boolean }
  /**
   * Nothing the person holds reaches what may not be missed. `lacks`: any method, or a security key. `kinds`: what they
   * can set up to reach it, safest first; none = somebody else must help. `grace`: it may be put off.
   */
  | {
      readonly kind: 'enrol';
      readonly lacks: 'method' | 'key';
      readonly kinds: readonly EnrollableId[];
      readonly grace: Grace | null;
      /** What has to be proved first. */
      readonly proof: EnrolmentProof | null;
    }
  /** Too many wrong answers: the password is asked again; the account is not locked. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'recovery-used'; readonly codesLeft: number }
  | { readonly kind: 'new-password' }
  /** Told once; `kinds`: what they could add to it. */
  | { readonly kind: 'set-up-done'; readonly method: EnrollableId; readonly kinds: readonly EnrollableId[] }
  | {
      readonly kind: 'done';
      readonly acr: string;
      readonly amr: readonly string[];
      readonly declined: boolean;
    };

/**
 * Picks what a sign-in asks next. Pure: no clock, no store, no HTTP; the caller has read everything.
 *
 * A proof that reaches what may not be missed ends the asking, also when more was asked for: answering with the app
 * where a key was welcome is a choice, and the token says so.
 */
export function nextStep(
  progress: Progress,
  { usable, settable }: { readonly usable: readonly Usable[]; readonly settable: readonly Settable[] },
  demand: Demand,
): Step {
  if (progress.passwordAt === null) return { kind: 'password' };
  const amr = amrClaim(progress.proofs.map((proof) => proof.amr));
  const reached = levelOfAmr(amr);
  const secondFactor = (methods: readonly Usable[], mayDecline: boolean): Step =>
    progress.tries >= MAX_TRIES
      ? { kind: 'ended' }
      : { kind: 'second-factor', methods: methods.map((method) => method.id), mayDecline };

  const enrol = (level: Level, grace: Grace | null): Step => {
    const kinds = settable.filter((method) => method.level >= level).map(({ id }) => id);
    // Whoever sits down at an open session must not be able to add a key of their own to it.
    if (kinds.length > 0 && !progress.fresh) return { kind: 'password' };
    return {
      kind: 'enrol',
      lacks: level === 3 ? 'key' : 'method',
      kinds,
      grace,
      proof: kinds.length > 0 ? progress.missing : null,
    };
  };

  if (reached < demand.hard) {
    const enough = usable.filter((method) => method.level >= demand.hard);
    if (canProve(enough)) return secondFactor(enough, false);
    // Not even a set-up may begin before the strongest thing that the person does hold was proved.
    if (reached === 1 && canProve(usable)) return secondFactor(usable, false);
    return progress.exposed ? { kind: 'new-password' } : enrol(demand.hard, null);
  }
  if (progress.exposed) return { kind: 'new-password' };
  if (reached === 1 && progress.grace) return enrol(2, progress.grace);
  // Recovery codes, or a method that was forbidden while it was asked for, bring people to a new one. A code from a lead
  // may not.
  const byOwnProof = progress.proofs.some(({ amr, carried }) => !carried && !amr.includes('rescue_code'));
  if (progress.lacks && byOwnProof) return enrol(2, null);

  const better = usable.filter((method) => method.level > reached && method.level >= demand.level);
  const chose = progress.declined || progress.proofs.some((proof) => !proof.carried);
  const asksMore = reached < demand.level && !chose && canProve(better);
  if (asksMore) return secondFactor(better, true);

  if (progress.untoldCodesLeft !== null)
    return { kind: 'recovery-used', codesLeft: progress.untoldCodesLeft };
  if (progress.untoldSetUp !== null) {
    return { kind: 'set-up-done', method: progress.untoldSetUp, kinds: settable.map(({ id }) => id) };
  }
  return { kind: 'done', acr: acrOfLevel(reached), amr, declined: reached < demand.level };
}
