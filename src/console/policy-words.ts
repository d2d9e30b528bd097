import { longDate } from '../http/long-date.ts';
import { fieldsOf, type Field, type PolicyFields } from './policy-form.ts';
import type { Policy } from '../tenants/tenant.ts';

/** A value in words: the text that says it, and what stands in it. */
export interface Words {
  readonly key: string;
  readonly value?: string;
  readonly count?: number;
}

/** One line of "what changes". */
export interface ChangeWords {
  readonly field: string;
  readonly before: Words;
  readonly after: Words;
}

export const dayInWords = (day: string): string => longDate(new Date(day), 'UTC');

const NOTHING: Words = { key: 'nothing' };

function wordsOf(field: Field, value: string): Words {
  switch (field) {
    case 'secondFactor':
    case 'enrolmentProof':
    case 'rescueCodes':
    case 'resetApproval':
      return { key: `${field}.${value}` };
    case 'from':
      return value === '' ? NOTHING : { key: 'day', value: dayInWords(value) };
    case 'skips':
      return value === '' ? NOTHING : { key: 'times', count: Number(value) };
    case 'idleMinutes':
      return { key: 'minutes', value };
    case 'maxHours':
      return { key: 'hours', value };
  }
}

/** @returns what changes, but for the requirement: that is what the page's title says */
export const changeWords = (
  policy: Policy,
  fields: PolicyFields,
  changed: readonly Field[],
): ChangeWords[] => {
  const before = fieldsOf(policy);
  return changed
    .filter((field) => field !== 'secondFactor')
    .map((field) => ({
      field,
      before: wordsOf(field, before[field]),
      after: wordsOf(field, fields[field] ?? ''),
    }));
};

/** Until when people without a method may go on without; null = not at all. */
export function graceWords({ effectiveFrom, skips, secondFactor }: Policy, now: Date): Words | null {
  if (secondFactor !== 'required') return null;
  if (effectiveFrom !== null && effectiveFrom > now) {
    return { key: 'until', value: longDate(effectiveFrom, 'UTC') };
  }
  return effectiveFrom === null && skips !== null && skips > 0 ? { key: 'skips', count: skips } : null;
}
