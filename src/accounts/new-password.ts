import type { Account } from './account.ts';
import { judgePassword, LEAST_LENGTH, type PasswordRefusal } from './password-rules.ts';

export interface NewPasswordRules {
  /** Characters that it has at least (NIST SP 800-63B-4 section 3.1.1.2). */
  readonly leastLength: number;
  /** @returns null when it is taken */
  judge(password: string): PasswordRefusal | null;
}

/**
 * What a new password of somebody has to be.
 * @param owed the level that the tenant's policy demands of them. Only the tenant can promise that a second factor
 *   always follows; what people have set up themselves, they can take away
 */
export function newPasswordRules(
  account: Account,
  tenant: { readonly tenantId: string; readonly name: string },
  owed: number,
): NewPasswordRules {
  const secondFactor = owed > 1;
  const about = [account.email, account.name, tenant.name, tenant.tenantId];
  return {
    leastLength: LEAST_LENGTH[secondFactor ? 'withSecondFactor' : 'alone'],
    judge: (password) => judgePassword(password, { secondFactor, about }),
  };
}
