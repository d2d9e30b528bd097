import { z } from 'zod';
import { heldOf, type Kinds } from '../accounts/kinds.ts';
import { ENROLLABLE, LISTED, type ListedId } from '../core/method-ids.ts';
import type { PolicyChanges } from '../tenants/policy-schema.ts';
import type { Policy } from '../tenants/tenant.ts';
import type { Desk } from './desk.ts';

/** What keys say that do not tell their model (WebAuthn 3, section 6.5.1). */
const UNTOLD = '00000000-0000-0000-0000-000000000000';
/** Models that one list may name (`policySchema`). */
const MOST = 500;

const ticked = z.literal('yes').optional().catch(undefined);
const list = z.string().max(20_000).default('').catch('');
const ticks = Object.fromEntries(LISTED.map((id) => [id, ticked])) as Record<ListedId, typeof ticked>;
const form = z.object({
  ...ticks,
  /** Only keys that stay on their own device. */
  separate: ticked,
  allowModels: list,
  denyModels: list,
});
export type MethodFields = z.output<typeof form>;

export type MethodProblem = 'methods' | 'allowModels' | 'denyModels';

export interface MethodsAsked {
  readonly changes: PolicyChanges;
  readonly wrong: readonly MethodProblem[];
  /** Lines that are no model that is known. */
  readonly unknown: readonly string[];
}

export const readMethodFields = (input: unknown): MethodFields => form.parse(input ?? {});

/** @returns what the page shows of a policy */
export function methodFieldsOf({ allowedMethods, keys }: Policy, models: Desk['models']): MethodFields {
  const has = (id: ListedId) => (allowedMethods.includes(id) ? ('yes' as const) : undefined);
  const chosen = Object.fromEntries(LISTED.map((id) => [id, has(id)])) as Pick<MethodFields, ListedId>;
  return {
    ...chosen,
    separate: keys.allowSynced ? undefined : 'yes',
    allowModels: models.show(keys.allowModels).join('\n'),
    denyModels: models.show(keys.denyModels).join('\n'),
  };
}

/** One model a line, by name or AAGUID. */
function readModels(text: string, models: Desk['models']) {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const unknown = lines.filter((line) => models.read(line).length === 0);
  return { unknown, models: [...new Set(lines.flatMap((line) => models.read(line)))] };
}

/** What somebody who sends these fields wants. Pure. */
export function methodsAskedOf(fields: MethodFields, policy: Policy, book: Desk['models']): MethodsAsked {
  const chosen = LISTED.filter((id) => fields[id] === 'yes');
  // The others do not stand alone.
  const stands = ENROLLABLE.some((id) => chosen.some((one) => one === id));
  const allow = readModels(fields.allowModels, book);
  const deny = readModels(fields.denyModels, book);
  const wrong: MethodProblem[] = [
    ...(stands ? [] : (['methods'] as const)),
    ...(allow.unknown.length > 0 || allow.models.length > MOST ? (['allowModels'] as const) : []),
    ...(deny.unknown.length > 0 || deny.models.length > MOST ? (['denyModels'] as const) : []),
  ];
  const others = policy.allowedMethods.filter((id) => !LISTED.some((one) => one === id));
  return {
    changes: {
      allowedMethods: [...chosen, ...others],
      keys: {
        allowSynced: fields.separate !== 'yes',
        allowModels: allow.models,
        denyModels: deny.models,
      },
    },
    wrong,
    unknown: [...allow.unknown, ...deny.unknown],
  };
}

/** @returns the models of keys that people in use hold, with how many people hold each; most first */
export function modelsInUse(kinds: ReadonlyMap<Kinds, number>, book: Desk['models']) {
  const counts = new Map<string, number>();
  for (const [held, people] of kinds) {
    const models = heldOf(held).flatMap(({ model }) => (model == null || model === UNTOLD ? [] : [model]));
    for (const name of new Set(models.map((model) => book.nameOf(model)))) {
      counts.set(name, (counts.get(name) ?? 0) + people);
    }
  }
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count);
}
