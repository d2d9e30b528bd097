import { z } from 'zod';
import type { PolicyChanges } from '../tenants/policy-schema.ts';
import type { Policy } from '../tenants/tenant.ts';

/** What the policy page asks, as its fields name it. Which methods there may be is a page of its own. */
export const FIELDS = [
  'secondFactor',
  'from',
  'skips',
  'maxHours',
  'idleMinutes',
  'enrolmentProof',
  'rescueCodes',
  'resetApproval',
] as const;
export type Field = (typeof FIELDS)[number];
/** As typed; what is not there is not about to be changed. */
export type PolicyFields = { readonly [F in Field]?: string };

const REQUIREMENTS = ['optional', 'required'] as const;
const CHOICES = {
  secondFactor: REQUIREMENTS,
  enrolmentProof: ['none', 'email', 'lead-code'],
  rescueCodes: ['off', 'leads', 'admins'],
  resetApproval: ['delay', 'second-admin', 'at-once'],
} as const;

const HOUR = 60 * 60;
const dayOf = (moment: Date | null): string => moment?.toISOString().slice(0, 10) ?? '';
/** At most two decimals: a session of 90 minutes is 1.5 hours. */
const short = (value: number): string => String(Math.round(value * 100) / 100);

/** @returns what the page shows of a policy: a field that comes back like this was not touched */
export const fieldsOf = (policy: Policy): Required<PolicyFields> => ({
  secondFactor: policy.secondFactor,
  from: dayOf(policy.effectiveFrom),
  skips: policy.skips === null ? '' : String(policy.skips),
  maxHours: short(policy.session.maxSeconds / HOUR),
  idleMinutes: short(policy.session.idleSeconds / 60),
  enrolmentProof: policy.enrolmentProof,
  rescueCodes: policy.rescueCodes,
  resetApproval: policy.resetApproval,
});

const text = z.string().trim().max(40).optional();
/** What comes by address or form; what is not understood counts as not said. */
const given = z.object(Object.fromEntries(FIELDS.map((name) => [name, text.catch(undefined)])));

export const readFields = (input: unknown): PolicyFields => given.parse(input ?? {});

/** A number above zero as people type it; a comma is a point. @returns null for what is none */
function readNumber(typed: string): number | null {
  return /^\d{1,5}([.,]\d{1,2})?$/.test(typed) ? Number(typed.replace(',', '.')) : null;
}

/** @returns null when it is no day that is still to come */
function readDay(typed: string, now: Date): Date | null {
  const { data } = z.iso.date().safeParse(typed);
  const day = data === undefined ? null : new Date(data);
  return day !== null && day > now ? day : null;
}

/** Bounds of the schema, in the units of the page. */
const BOUNDS = {
  skips: [0, 100],
  maxHours: [1 / 60, 30 * 24],
  idleMinutes: [1, 30 * 24 * 60],
} as const;

/** @returns undefined when it is out of bounds */
function within(field: keyof typeof BOUNDS, typed: string): number | undefined {
  const [least, most] = BOUNDS[field];
  const value = readNumber(typed);
  return value !== null && value >= least && value <= most ? value : undefined;
}

export interface Asked {
  readonly changes: PolicyChanges;
  /** Fields whose values are about to change. */
  readonly changed: readonly Field[];
  /** Fields that do not say what they should. */
  readonly wrong: readonly Field[];
}

/** What somebody who sends these fields wants to have changed of `policy`. Pure. */
export function askedOf(fields: PolicyFields, policy: Policy, now: Date): Asked {
  const shown = fieldsOf(policy);
  const changed = FIELDS.filter((name) => fields[name] !== undefined && fields[name] !== shown[name]);
  const wrong: Field[] = [];
  /** @returns `read` of a field that is to be changed; notes it as wrong when that is undefined */
  function take<T>(name: Field, read: (typed: string) => T | undefined): T | undefined {
    if (!changed.includes(name)) return undefined;
    const value = read(fields[name] ?? '');
    if (value === undefined) wrong.push(name);
    return value;
  }
  const oneOf =
    <T extends string>(choices: readonly T[]) =>
    (typed: string) =>
      choices.find((choice) => choice === typed);
  const seconds = (value: number | undefined, unit: number) =>
    value === undefined ? undefined : Math.round(value * unit);

  const maxSeconds = seconds(
    take('maxHours', (typed) => within('maxHours', typed)),
    HOUR,
  );
  const idleSeconds = seconds(
    take('idleMinutes', (typed) => within('idleMinutes', typed)),
    60,
  );
  const whole = maxSeconds ?? policy.session.maxSeconds;
  if (idleSeconds !== undefined && idleSeconds > whole) wrong.push('idleMinutes');
  const wanted: PolicyChanges = {
    secondFactor: take('secondFactor', oneOf(CHOICES.secondFactor)),
    effectiveFrom: take('from', (typed) => (typed === '' ? null : (readDay(typed, now) ?? undefined))),
    skips: take('skips', (typed) => {
      if (typed === '') return null;
      const value = within('skips', typed);
      return Number.isInteger(value) ? value : undefined;
    }),
    enrolmentProof: take('enrolmentProof', oneOf(CHOICES.enrolmentProof)),
    rescueCodes: take('rescueCodes', oneOf(CHOICES.rescueCodes)),
    resetApproval: take('resetApproval', oneOf(CHOICES.resetApproval)),
    session: { maxSeconds, idleSeconds },
  };
  return { changes: wanted, changed, wrong };
}

/** @returns the address's query that says the same; what was not touched is left out */
export function queryOf(fields: PolicyFields, changed: readonly Field[]): string {
  const said = changed.flatMap((name): [string, string][] => {
    const value = fields[name];
    return value === undefined ? [] : [[name, value]];
  });
  return new URLSearchParams(said).toString();
}
