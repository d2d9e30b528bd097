import { judgePassword, type PasswordRefusal } from '../accounts/password-rules.ts';
import type { Provisioner } from '../second-factor/provisioner.ts';
import type { Problem } from './document.ts';
import { sectionOf, type AccountEntry, type ProvisioningFile } from './schema.ts';

const words: Readonly<Record<PasswordRefusal, string>> = {
  empty: 'is empty',
  malformed: 'is no text',
  'too-short': 'is shorter than a person may choose it',
  'too-long': 'is longer than a person may choose it',
  common: 'is among the first that everybody tries',
  repeats: 'repeats itself',
  sequence: 'is a row of keys or letters',
  personal: 'is made of names that everybody knows',
};

/**
 * What is allowed and not wise. The file may bring what was in use elsewhere, so the rules for passwords that people
 * choose do not stop it; they are told.
 */
export function warningsOf(
  { accounts, tenants }: ProvisioningFile,
  provisioners: readonly Provisioner[],
): Problem[] {
  return accounts.flatMap((account, i): Problem[] => {
    const methods = provisioners.flatMap((one) => sectionOf(account, one) ?? []).length;
    const tenant = tenants.find(({ slug }) => slug === account.tenant);
    const refusal = refusalOf(account, methods > 0, [account.tenant, tenant?.name ?? '']);
    const idle = (account.recoveryCodes?.length ?? 0) > 0 && methods === 0;
    return [
      ...(refusal ? [{ path: ['accounts', i, 'password'], message: words[refusal] }] : []),
      ...(idle
        ? [
            {
              path: ['accounts', i, 'recoveryCodes'],
              message: 'do not work until there is an app or a key beside them',
            },
          ]
        : []),
    ];
  });
}

function refusalOf({ password, email, name }: AccountEntry, secondFactor: boolean, about: readonly string[]) {
  if (password === undefined) return null;
  return judgePassword(password, { secondFactor, about: [email, name, ...about] });
}
