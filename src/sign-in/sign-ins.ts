import type { Account } from '../accounts/account.ts';
import type { AccountRef } from '../core/account-ref.ts';
import { carriedAmr, levelOfAmr } from '../core/assurance.ts';
import { epochSeconds, type Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import type { SecondFactorMethod } from '../second-factor/method.ts';
import { isAlive } from '../tenants/standing.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { ownChange } from './own-change.ts';
import { isStepUp, NOTHING_PROVED, type OpenChallenge, type SignIn, type SignInRequest } from './sign-in.ts';
import { situate, typedNext, type Situation } from './situation.ts';

/** Where sign-ins are kept. Each method is one conditional write or one read. */
export interface SignInStore {
  find(uid: string, now: Date): Promise<SignIn | null>;
  /** @returns false when one of this uid is there already */
  insert(signIn: SignIn): Promise<boolean>;
  /** Writes `signIn` over what was proved before, or opens it, by one write; null = it is finished or too old. */
  begin(signIn: SignIn, now: Date): Promise<SignIn | null>;
  /** Writes if `signIn` is still at its version and not finished; null = somebody else was faster. */
  move(signIn: SignIn, changes: Partial<SignIn>): Promise<SignIn | null>;
  /**
   * Counts an answer before it is judged and takes the challenge of `method` out, in one write: the one caller who gets
   * it may verify against it. Null = the sign-in takes no more, or there is no such challenge; nothing was counted.
   */
  takeTry(uid: string, method: string): Promise<OpenChallenge | null>;
  /** Counts an answer that there was no challenge for; false = the sign-in takes no more. */
  countTry(uid: string): Promise<boolean>;
  /** Gives back what was counted: the answer was no guess. */
  forgiveTry(uid: string): Promise<void>;
  /** Counts an answer to a mailed code before it is judged; false = it takes no more, or is another one by now. */
  countCodeTry(uid: string, sealed: string): Promise<boolean>;
  putChallenge(uid: string, challenge: OpenChallenge): Promise<void>;
}

export interface SignInPorts {
  readonly store: SignInStore;
  readonly accounts: { findById(accountId: string): Promise<Account | null> };
  readonly tenants: {
    find(tenantId: string): Promise<Tenant | null>;
    findFresh(tenantId: string): Promise<Tenant | null>;
  };
  readonly methods: readonly SecondFactorMethod[];
  readonly clock: Clock;
  /** How long one sign-in may take; seconds. */
  readonly lifetimeSeconds: number;
}

/** What opens the removal of methods in the session that the sign-in becomes. */
export interface RemovalProof {
  readonly tenantId: string;
  /** The account's at the end of the sign-in. */
  readonly credVersion: number;
  /** When the code was proved; seconds since the epoch. */
  readonly at: number;
}

/** What the provider's session becomes. */
export interface Outcome {
  readonly who: AccountRef;
  readonly acr: string;
  readonly amr: readonly string[];
  /** `auth_time`: when the password was proved; seconds since the epoch. */
  readonly ts: number;
  /** More was asked for than was proved. */
  readonly declined: boolean;
  /** By a recovery code, to get rid of what was lost: own pages come before the app; null = straight to the app. */
  readonly removes: RemovalProof | null;
}

export type SignIns = ReturnType<typeof createSignIns>;

/** The life of a sign-in from its first page to its outcome; the steps in between are in the `*-step` files. */
export function createSignIns(ports: SignInPorts) {
  const { store, accounts, tenants, methods, clock } = ports;

  /** A sign-in with nothing proved; a step-up starts with what its session holds. */
  function blank(request: SignInRequest, account: Account | null): SignIn {
    const session = account && request.session;
    const carried = session ? carriedAmr(session.amr) : [];
    return {
      ...NOTHING_PROVED,
      uid: request.uid,
      clientId: request.client.clientId,
      tenantId: account?.tenantId ?? null,
      accountId: account?.accountId ?? null,
      credVersion: account?.credVersion ?? null,
      passwordAt: session?.loginTs ?? null,
      proofs: carried.length > 0 ? [{ method: null, amr: carried, credentialId: null, carried: true }] : [],
      finished: false,
      version: 0,
      expiresAt: new Date(clock().getTime() + ports.lifetimeSeconds * 1000),
    };
  }

  /** Whose live session is stepped up. Null = there is none that counts (any more): the password is asked. */
  async function ownerOf({ prompt, session }: SignInRequest): Promise<Account | null> {
    const account = prompt === 'mfa' && session ? await accounts.findById(session.accountId) : null;
    const tenant = account && (await tenants.find(account.tenantId));
    if (!account || !tenant || !session) return null;
    const { loginTs: authTime, uid: sessionUid } = session;
    const held = { level: levelOfAmr(session.amr), authTime, sessionUid };
    return isAlive(tenant.policy, account, held, clock()) ? account : null;
  }

  async function findOrOpen(request: SignInRequest): Promise<SignIn> {
    const found = await store.find(request.uid, clock());
    if (found) return found;
    const signIn = blank(request, await ownerOf(request));
    if (await store.insert(signIn)) return signIn;
    // Either another tab opened it in this instant, or it is there and too old.
    const again = await store.find(request.uid, clock());
    if (again) return again;
    throw new DomainError('sign_in_expired');
  }

  /** Starts over in place: the password is asked again, limits on the account stay. */
  async function restart(signIn: SignIn): Promise<SignIn> {
    const moved = await store.move(signIn, NOTHING_PROVED);
    if (!moved) throw new DomainError('changed_meanwhile');
    return moved;
  }

  /** The person and tenant of a sign-in; null when what was proved does not hold any more. */
  async function whoOf(signIn: SignIn, fresh: boolean): Promise<{ account: Account; tenant: Tenant } | null> {
    if (signIn.accountId === null || signIn.tenantId === null) return null;
    const account = await accounts.findById(signIn.accountId);
    const tenant = await (fresh ? tenants.findFresh(signIn.tenantId) : tenants.find(signIn.tenantId));
    if (!account || !tenant || account.state !== 'active') return null;
    const own = account.credVersion === signIn.credVersion || ownChange(signIn, account) !== null;
    return own ? { account, tenant } : null;
  }

  /** Takes in what the sign-in itself has set up; two who do it at once do it once. */
  async function takeIn(request: SignInRequest, signIn: SignIn, account: Account): Promise<SignIn> {
    const changes = ownChange(signIn, account);
    if (!changes) return signIn;
    const moved = await store.move(signIn, changes);
    if (moved) return moved;
    const again = await findOrOpen(request);
    const sameState = again.accountId === account.accountId && again.credVersion === account.credVersion;
    // Somebody else's sign-in by now, or one that started over: what was read of the person is not its own.
    if (!sameState) throw new DomainError('changed_meanwhile');
    return again;
  }

  async function situation(request: SignInRequest, { fresh } = { fresh: false }): Promise<Situation> {
    let signIn = await findOrOpen(request);
    const who = await whoOf(signIn, fresh);
    if (!who && signIn.accountId !== null) signIn = await restart(signIn);
    if (who) signIn = await takeIn(request, signIn, who.account);
    return situate(request, signIn, who, { methods, now: clock() });
  }

  function removalProof({ removes, codeUsedAt }: SignIn, account: Account): RemovalProof | null {
    if (!removes || codeUsedAt === null) return null;
    return { tenantId: account.tenantId, credVersion: account.credVersion, at: codeUsedAt };
  }

  return {
    situation,
    restart,

    /**
     * Writes who it is: a password step replaces whatever was proved before, for whomever, and is the first write of
     * most sign-ins.
     */
    async begin(request: SignInRequest, account: Account): Promise<Situation> {
      const { tenantId, accountId, credVersion } = account;
      const proved = { tenantId, accountId, credVersion, passwordAt: epochSeconds(clock()) };
      const tenant = await tenants.find(tenantId);
      const who = tenant && { account, tenant };
      const look = (signIn: SignIn) => situate(request, signIn, who, { methods, now: clock() });
      const signIn = { ...blank(request, null), ...proved };
      const begun = await store.begin({ ...signIn, challenge: typedNext(look(signIn), methods) }, clock());
      if (begun) return look(begun);
      throw new DomainError(
        (await store.find(request.uid, clock())) ? 'changed_meanwhile' : 'sign_in_expired',
      );
    },

    /** How a sign-in stands after a write, without reading it again; what it ends in is read anew all the same. */
    after: (request: SignInRequest, signIn: SignIn, { account, tenant }: Situation): Situation =>
      situate(request, signIn, account && tenant && { account, tenant }, { methods, now: clock() }),

    /** The person wants no more than what may not be missed. */
    async decline(request: SignInRequest): Promise<void> {
      const { signIn, step } = await situation(request);
      if (step.kind !== 'second-factor' || !step.mayDecline) throw new DomainError('step_out_of_order');
      if (!(await store.move(signIn, { declined: true }))) throw new DomainError('changed_meanwhile');
    },

    /**
     * The person has read how many recovery codes are left. With none, a new list has to be made first.
     * @param removes they want to remove what they lost before they go on
     */
    async acknowledge(request: SignInRequest, { removes }: { removes: boolean }): Promise<void> {
      const { signIn, step } = await situation(request);
      if (step.kind !== 'recovery-used' || step.codesLeft === 0) return;
      await store.move(signIn, { untoldCodesLeft: null, removes });
    },

    /** The person has read that a method is set up. */
    async acknowledgeSetUp(request: SignInRequest): Promise<void> {
      const { signIn, step } = await situation(request);
      if (step.kind !== 'set-up-done') return;
      await store.move(signIn, { untoldSetUp: null });
    },

    /**
     * Closes a sign-in in which nothing is owed. Account and policy are read anew, past every cache, so that what
     * changed while the person typed decides. Calling it twice gives the same outcome.
     * @throws DomainError step_out_of_order when something is owed
     */
    async finish(request: SignInRequest): Promise<Outcome> {
      const { signIn, account, tenant, step } = await situation(request, { fresh: true });
      if (step.kind !== 'done' || !account || !tenant || signIn.passwordAt === null)
        throw new DomainError('step_out_of_order');
      // A step-up keeps the time of its session: whether that one still counts is the provider's question.
      const stepUp = isStepUp(request, signIn);
      const { levelOneValidFrom } = tenant.policy;
      const floor = Math.max(account.validFrom, levelOneValidFrom);
      const moved = account.validFrom > signIn.ownFloor ? floor : levelOneValidFrom;
      if (!stepUp && signIn.passwordAt < moved) {
        await restart(signIn);
        throw new DomainError('sign_in_expired');
      }
      if (!signIn.finished) await store.move(signIn, { finished: true });
      return {
        who: { tenantId: account.tenantId, accountId: account.accountId },
        acr: step.acr,
        amr: step.amr,
        // What was signed in during the very second of a sign-out would be taken for older than it.
        ts: stepUp ? signIn.passwordAt : Math.max(signIn.passwordAt, floor + 1),
        declined: step.declined,
        removes: removalProof(signIn, account),
      };
    },

    /** @returns the sign-in of `uid` whatever its state, for a page that says how it ended; null = gone */
    async recall(uid: string): Promise<SignIn | null> {
      return store.find(uid, clock());
    },
  };
}
