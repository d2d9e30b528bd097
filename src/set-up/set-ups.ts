import { setUpCodes } from './set-up-codes.ts';
import { setUpMethod } from './set-up-method.ts';
import type { SetUpPorts } from './ports.ts';

export type SetUps = ReturnType<typeof createSetUps>;

/**
 * Setting up a method, from the recovery codes to the one write that makes codes and method count. Whatever happens
 * before that write, or instead of it, leaves the account as it was.
 */
export function createSetUps(ports: SetUpPorts) {
  const codes = setUpCodes(ports);
  return { ...codes, ...setUpMethod(ports, codes.find) };
}
