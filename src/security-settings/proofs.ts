import type { Account, StoredPassword } from '../accounts/account.ts';
import { comparing, type Reservation } from '../attempts/attempts.ts';
import type { Audit, AuditEntry } from '../audit/audit.ts';
import { SUSPENDED_RETRY } from '../attempts/weigh.ts';
import { refOf, type AccountRef } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import { refusalOf, type Judge, type Keeper } from '../second-factor/judge.ts';
import type { Form, Refusal, SecondFactorMethod } from '../second-factor/method.ts';
import { entryOf } from '../accounts/actor.ts';
import { allows, asAllowed } from '../tenants/allowed.ts';
import { codeSlotOf, FRESH_SECONDS, isFresh, type FreshProof, type FreshProofStore } from './fresh-proof.ts';
import { opens, type Goal, type ProofMethod } from './goal.ts';
import type { Visit } from './visit.ts';

export interface ProofPorts {
  readonly store: FreshProofStore;
  readonly methods: readonly SecondFactorMethod[];
  readonly passwords: {
    /** @throws DomainError busy */
    verify(stored: StoredPassword | null, password: string): Promise<{ readonly ok: boolean }>;
  };
  readonly limits: {
    /** Reserves one of the proofs that a person may try, however they try it (rule budgets). */
    reserve(who: AccountRef): Promise<Reservation>;
    /**
     * Reserves one of the wrong passwords in a row that somebody who is signed in may enter (NIST SP 800-63B-4 section
     * 3.2.2).
     */
    password(who: Account): Promise<Reservation>;
    /** Reserves one guess of the method's own budget, which sign-ins are charged to as well. */
    guess(who: Account, method: SecondFactorMethod, visitor: Visitor): Promise<Reservation>;
    /** @returns seconds until a guess is possible again; 0 = now */
    waitOf(who: Account, method: SecondFactorMethod, visitor: Visitor): Promise<number>;
  };
  readonly judge: Judge;
  readonly audit: Audit;
  readonly clock: Clock;
}

export interface Browser {
  /** Accounts (`tenant/email`) that completed a sign-in in this browser before. */
  readonly knownAccounts: readonly string[];
  /** What the device cookie calls this browser, by those accounts. */
  readonly deviceIds: ReadonlyMap<string, string>;
  /** The client's own IPv4 address or IPv6 /64. */
  readonly sourceHost: string;
}

/**
 * Gives the browser that asks a new session id; what was proved under the old one goes along.
 * @returns the digest of the new one; null = the session does not count any more
 */
export type Renew = () => Promise<string | null>;

/** An answer, and the browser that gives it. */
interface Given extends Browser {
  readonly form: Form;
  readonly renew: Renew;
}

/** The browser as far as guess budgets care. */
interface Visitor extends Browser {
  readonly source: string;
  readonly reference: string;
  /** The session, for browsers without a device cookie. */
  readonly place: string;
}

export type ProofAnswer =
  | { readonly ok: true }
  | { readonly ok: false; readonly refusal: Refusal; readonly minutes: number | null }
  | { readonly ok: false; readonly refusal: 'too-many' | 'suspended'; readonly retryAfterSeconds: number };

export interface ProofWay {
  readonly id: ProofMethod;
  /** Seconds until it can be tried; 0 = now, Infinity = no waiting helps. */
  readonly waitSeconds: number;
}

export type Proofs = ReturnType<typeof createProofs>;

/** Proving anew that it is them, before anything about their sign-in changes. */
export function createProofs(ports: ProofPorts) {
  const { store, methods, passwords, limits, judge, audit, clock } = ports;
  const inTime = (now: Date) => new Date(now.getTime() + FRESH_SECONDS * 1000);

  /** Somebody as far as their methods count. */
  const able = ({ account, tenant }: Visit): Account => asAllowed(tenant.policy, account);

  /** What can prove `goal`, strongest first: what the person holds, or, for people who hold nothing, the password. */
  function usable(visit: Visit, goal: Goal): SecondFactorMethod[] {
    const account = able(visit);
    return methods.filter(
      (method) =>
        allows(visit.tenant.policy, method.id) && method.isHeldBy(account) && opens(method.id, goal),
    );
  }

  const visitor = ({ by: { source, reference }, sessionUid }: Visit, browser: Browser): Visitor => ({
    ...browser,
    source,
    reference,
    place: sessionUid,
  });

  const byPassword = ({ account }: Visit, goal: Goal) => account.methodCount === 0 && opens('password', goal);

  /** The method named in the address, if it can prove `goal`. */
  function offered(visit: Visit, goal: Goal, id: string): SecondFactorMethod {
    const method = usable(visit, goal).find((one) => one.id === id);
    if (!method) throw new DomainError('method_not_offered');
    return method;
  }

  async function find(visit: Visit, goal: Goal): Promise<FreshProof | null> {
    const now = clock();
    const proof = await store.find(visit.sessionKey, now);
    return proof && isFresh(proof, visit, goal, now) ? proof : null;
  }

  /** The browser that proved it gets a new session id first, and the proof belongs to that alone. */
  async function keep(
    { account }: Visit,
    proved: Pick<FreshProof, 'method' | 'credentialId' | 'credVersion'>,
    renew: Renew,
  ): Promise<void> {
    const sessionKey = await renew();
    // The session was ended while it was proved.
    if (sessionKey === null) throw new DomainError('unauthorized');
    const at = clock();
    await store.put({ ...refOf(account), sessionKey, ...proved, at }, inTime(at));
  }

  function entry({ account, by }: Visit, method: ProofMethod, reason: string | null): AuditEntry {
    const event = reason === null ? 'proof_accepted' : 'proof_refused';
    const result = reason === null ? 'ok' : 'refused';
    return entryOf(account, by, { event, result, method, reason });
  }

  function refuse({ retryAfterSeconds }: Extract<Reservation, { ok: false }>): never {
    throw new DomainError('too_many_attempts', { retryAfterSeconds, detail: 'proof' });
  }

  /** The guess is counted before anything is compared. @throws DomainError too_many_attempts */
  async function reserve(who: AccountRef): Promise<Extract<Reservation, { ok: true }>> {
    const tried = await limits.reserve(who);
    return tried.ok ? tried : refuse(tried);
  }

  /**
   * Compares, counts and notes a password that was typed.
   * @returns null when it is right; `suspended` = it was wrong too often, a new one by a mailed link has to come first
   */
  async function checkPassword(
    visit: Visit,
    password: string,
  ): Promise<'empty' | 'wrong' | 'suspended' | null> {
    if (password === '') return 'empty';
    const { account } = visit;
    const tried = await reserve(account);
    const guess = await limits.password(account);
    if (!guess.ok) {
      await tried.succeed();
      return guess.suspended ? 'suspended' : refuse(guess);
    }
    const giveBack = () => Promise.all([tried.succeed(), guess.succeed()]);
    const { ok } = await comparing(giveBack, () => passwords.verify(account.password, password));
    await audit.record(entry(visit, 'password', ok ? null : 'wrong'));
    if (!ok) return 'wrong';
    await giveBack();
    return null;
  }

  async function answerPassword(visit: Visit, goal: Goal, { form, renew }: Given): Promise<ProofAnswer> {
    if (!byPassword(visit, goal)) throw new DomainError('method_not_offered');
    const refusal = await checkPassword(visit, form.password ?? '');
    if (refusal === 'suspended') return { ok: false, refusal, retryAfterSeconds: SUSPENDED_RETRY };
    if (refusal !== null) return { ok: false, refusal, minutes: null };
    const { credVersion } = visit.account;
    await keep(visit, { method: 'password', credentialId: null, credVersion }, renew);
    return { ok: true };
  }

  /** One of all proofs that somebody may try, and one guess of the method's own. @throws DomainError too_many_attempts */
  async function reserveBoth(who: Account, method: SecondFactorMethod, by: Visitor): Promise<Reservation> {
    const tried = await reserve(who);
    const guess = await limits.guess(who, method, by);
    if (!guess.ok) {
      await tried.succeed();
      return guess;
    }
    return { ...guess, succeed: async () => void (await Promise.all([tried.succeed(), guess.succeed()])) };
  }

  /** Where a session keeps what its page has asked for. */
  const keeperOf = (visit: Visit, method: SecondFactorMethod, goal: Goal): Keeper => ({
    async take() {
      const asked = await store.take(visit.sessionKey, method.id, clock());
      return asked?.accountId === visit.account.accountId ? { challenge: asked.value } : 'expired';
    },
    isProved: async () => (await find(visit, goal)) !== null,
  });

  async function answerMethod(
    visit: Visit,
    goal: Goal,
    method: SecondFactorMethod,
    { form, renew, ...browser }: Given,
  ): Promise<ProofAnswer> {
    const { account, by } = visit;
    const judged = await judge({
      who: account,
      by,
      reserve: () => reserveBoth(account, method, visitor(visit, browser)),
      keeper: keeperOf(visit, method, goal),
      verify: (challenge) => method.verify(able(visit), challenge, form),
      entry: (verdict) => entry(visit, method.id, verdict.ok ? null : verdict.reason),
      purpose: 'change',
    });
    if (judged.kind === 'over') return { ok: true };
    if (judged.kind !== 'right') return refusalOf(judged);
    await judged.forgive();
    const { credentialId } = judged.verdict;
    await keep(visit, { method: method.id, credentialId, credVersion: account.credVersion }, renew);
    return { ok: true };
  }

  return {
    /** @returns the proof that opens `goal` now; null = it has to be given first */
    find,

    /** Where the mailed code of somebody who gave `proof` goes. */
    codeSlot: (visit: Visit, proof: FreshProof) => codeSlotOf(store, proof, visit),

    /** What a form about the password itself asks; counted like any proof. @throws DomainError too_many_attempts, busy */
    checkPassword,

    /** Ways to prove it, strongest first, with what keeps each from being used now. */
    async ways(visit: Visit, goal: Goal, browser: Browser): Promise<ProofWay[]> {
      if (byPassword(visit, goal)) return [{ id: 'password', waitSeconds: 0 }];
      const waiting = usable(visit, goal).map(async (method) => ({
        id: method.id,
        waitSeconds: await limits.waitOf(visit.account, method, visitor(visit, browser)),
      }));
      return Promise.all(waiting);
    },

    /** Opens a challenge of one method and keeps it with the session. @returns what its page shows */
    async open(visit: Visit, goal: Goal, id: string): Promise<Readonly<Record<string, unknown>>> {
      const method = offered(visit, goal, id);
      const { challenge, view } = await method.begin(able(visit));
      const asked = { ...refOf(visit.account), method: method.id, value: challenge };
      await store.ask(visit.sessionKey, asked, inTime(clock()));
      return view;
    },

    /** Judges an answer. @throws DomainError method_not_offered, too_many_attempts, busy, unauthorized */
    async answer(visit: Visit, goal: Goal, id: string, given: Given): Promise<ProofAnswer> {
      if (id === 'password') return answerPassword(visit, goal, given);
      return answerMethod(visit, goal, offered(visit, goal, id), given);
    },

    /** What was just set up in this session proves as much as being asked for it again. */
    async grant(
      visit: Visit,
      account: Account,
      { id: credentialId, kind: method }: { id: string; kind: ProofMethod },
      renew: Renew,
    ): Promise<void> {
      await keep(visit, { method, credentialId, credVersion: account.credVersion }, renew);
    },
  };
}
