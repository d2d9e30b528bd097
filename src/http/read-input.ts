import type { z } from 'zod';
import { DomainError } from '../core/errors.ts';

/**
 * Checks what came from outside against its schema.
 * @throws DomainError bad_request, which names the place and never repeats the value
 */
export function readInput<Input>(schema: z.ZodType<Input>, input: unknown): Input {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0] ?? { path: [], message: 'not understood' };
  throw new DomainError('bad_request', { detail: `${path.map(String).join('.') || 'input'}: ${message}` });
}
