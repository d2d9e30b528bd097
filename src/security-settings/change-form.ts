import { z } from 'zod';
import { DomainError } from '../core/errors.ts';
import type { Form } from '../second-factor/method.ts';

const changeForm = z.object({
  /** The account's `credVersion` when the page was shown. */
  version: z
    .string()
    .regex(/^\d{1,12}$/)
    .transform(Number),
  name: z.string().max(256).default(''),
});

/** @returns what a form of a change says. @throws DomainError bad_request */
export function readChange(form: Form): z.output<typeof changeForm> {
  const { data } = changeForm.safeParse(form);
  if (!data) throw new DomainError('bad_request', { detail: 'version or name' });
  return data;
}
