import { FACTORS, factorOf, type Factor } from '../core/factors.ts';
import type { Enrolment } from './enrolment.ts';
import type { SecondFactorMethod } from './method.ts';

/** Whether both hold the same, each once. */
function isSame(ids: readonly string[], wanted: readonly string[]): boolean {
  return ids.length === wanted.length && wanted.every((id) => ids.includes(id));
}

/**
 * Compares what runs with the list of what each factor is worth.
 * @throws Error when they differ, so that no start leaves a factor half known
 */
export function checkListed(
  methods: readonly Pick<SecondFactorMethod, 'id' | 'level'>[],
  enrolments: readonly Pick<Enrolment, 'id'>[],
  factors: readonly Factor[] = FACTORS,
): void {
  const ids = factors.map(({ id }) => id);
  const run = methods.map(({ id }) => id);
  if (!isSame(run, ids))
    throw new Error(`factors that run: ${run.join(', ')}; that are listed: ${ids.join(', ')}`);
  const enrolled = factors.filter((one) => one.enrolled).map(({ id }) => id);
  const setUp = enrolments.map(({ id }) => id);
  if (!isSame(setUp, enrolled))
    throw new Error(`factors that are set up: ${setUp.join(', ')}; listed as such: ${enrolled.join(', ')}`);
  for (const { id, level } of methods) {
    if (factors.find((one) => one.id === id)?.level !== level)
      throw new Error(`${id} has another level in the list`);
  }
  const values = factors.flatMap(({ amr }) => amr);
  const isClear =
    new Set(values).size === values.length && !values.includes('pwd') && !values.includes('mfa');
  if (!isClear || factors.some(({ amr }) => amr.length === 0))
    throw new Error('each factor needs amr values that are its own, and neither pwd nor mfa');
}

/** @throws Error when `amr` holds what the factor `id` is not listed with, or nothing that proves it */
function checkAmr(id: string, amr: readonly string[]): void {
  const factor = factorOf(id);
  const own = factor?.amr ?? [];
  const known = [...own, ...(factor?.amrBeside ?? [])];
  if (!amr.some((value) => own.includes(value)) || !amr.every((value) => known.includes(value)))
    throw new Error(`${id} proves what it is not listed with: ${amr.join(', ')}`);
}

/** The method, stopped when it claims to have proved what its row does not say. */
export const asListed = (method: SecondFactorMethod): SecondFactorMethod => ({
  ...method,
  async verify(account, challenge, form) {
    const verdict = await method.verify(account, challenge, form);
    if (verdict.ok) checkAmr(method.id, verdict.amr);
    return verdict;
  },
});

/** The same for what setting it up has proved. */
export const enrolmentAsListed = (enrolment: Enrolment): Enrolment => ({
  ...enrolment,
  async finish(account, tenant, challenge, form) {
    const verdict = await enrolment.finish(account, tenant, challenge, form);
    if (verdict.ok) checkAmr(enrolment.id, verdict.amr);
    return verdict;
  },
});
