import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '..');
const PLANTED = join(ROOT, 'src/planted.ts');

/** Methods that write an account or a tenant, by name and parameters, whichever port declares them. */
const WRITES = [
  /^save\(Account, /,
  /^insert\((Account|Tenant)\)/,
  /^removeInvited\(/,
  /^giveRescueCode\(Account, GivenRescue\)/,
  /^saveDetails\(Tenant, /,
  /^savePolicy\(Tenant, /,
  /^(upgradePassword|spendRecoveryDigest|spendRescueCode|countSkip|cleanedUp)\(/,
];

/** Their names: what has none of them costs no look at its types. */
const NAMES =
  /^(save|insert|removeInvited|giveRescueCode|saveDetails|savePolicy|upgradePassword|spendRecoveryDigest|spendRescueCode|countSkip|cleanedUp)$/;

/** What `commit` hands to the write of a change. */
const HANDED_OUT = ['AccountWrites', 'TenantWrites'];

/** Where else one may be written, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'src/accounts/commit.ts': 'the one commit itself',
  'src/sign-in/password-step.ts upgradePassword': 'the same password in a stronger digest: nothing changes',
  'src/sign-in/skip-step.ts countSkip':
    'a count; decided and logged by the sign-in, which goes on without the log',
  'src/second-factor/recovery-code/recovery-code.ts spendRecoveryDigest': 'part of signing in, likewise',
  'src/second-factor/rescue-code/rescue-code.ts spendRescueCode': 'part of signing in, likewise',
  'src/admin/clean-up.ts cleanedUp': 'strikes off our own work, after it was logged',
};

/** Files that open the collections themselves, and what they write there. */
const OPENED: Readonly<Record<string, string>> = {
  'src/accounts/account-store.ts': 'the store',
  'src/accounts/roster-store.ts': 'nothing',
  'src/accounts/owed-mail-store.ts': 'takes off mails that are on their way',
  'src/accounts/old-keys-store.ts': 'nothing of what a person has: counts what old keys still seal',
  'src/accounts/restore-store.ts': 'after a restore, each logged before by the command line',
  'src/tenants/tenant-store.ts': 'the store',
  'src/stores.ts': 'nothing: makes the indexes',
};

/** Ways round it, and one that is none. */
const WAYS_ROUND = `
  import type { Account } from './accounts/account.ts';
  import type { AccountChanges, Accounts } from './accounts/accounts.ts';
  import type { AccountWrites } from './accounts/commit.ts';
  import type { Tenant } from './tenants/tenant.ts';
  import type { Tenants } from './tenants/tenants.ts';
  interface Own { readonly people: { save(account: Account, changes: AccountChanges): Promise<Account | null> } }
  export const one = (accounts: Accounts, who: Account) => accounts.save(who, {});
  export const two = ({ people }: Own, who: Account) => people.save(who, {});
  export const three = ({ removeInvited: away }: Pick<Accounts, 'removeInvited'>, who: Account) => away(who);
  export const four = (tenants: Tenants) => [tenants].map((shelf) => shelf.savePolicy);
  export const five = (tenants: Tenants, tenant: Tenant) => tenants.saveDetails(tenant, {});
  export const fine = ({ save }: AccountWrites, who: Account) => save(who, {});
`;

const sources = () => globSync('src/**/*.ts', { cwd: ROOT }).sort();

/** All sources, and one of our own beside them. */
function programWith(planted: string): ts.Program {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => readFileSync(path, 'utf8')) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: ['src'] }, ts.sys, ROOT);
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.readFile = (path) => (path === PLANTED ? planted : readFile(path));
  host.fileExists = (path) => path === PLANTED || fileExists(path);
  const files = sources().map((path) => join(ROOT, path));
  return ts.createProgram([...files, PLANTED], options, host);
}

/** @returns every use of such a method but those that `commit` hands out: `file method` */
function writesIn(program: ts.Program): string[] {
  const checker = program.getTypeChecker();
  const found: string[] = [];

  function isWrite(symbol: ts.Symbol | undefined): boolean {
    return (symbol?.declarations ?? []).some((declared) => {
      const { parent } = declared;
      if (ts.isInterfaceDeclaration(parent) && HANDED_OUT.includes(parent.name.text)) return false;
      const [signature] = checker.getTypeAtLocation(declared).getCallSignatures();
      const types = signature?.parameters.map((one) => checker.typeToString(checker.getTypeOfSymbol(one)));
      const text = `${symbol?.name}(${types?.join(', ')})`;
      return signature !== undefined && WRITES.some((write) => write.test(text));
    });
  }

  function visit(node: ts.Node, file: string): void {
    if (
      ts.isPropertyAccessExpression(node) &&
      NAMES.test(node.name.text) &&
      isWrite(checker.getSymbolAtLocation(node.name))
    )
      found.push(`${file} ${node.name.text}`);
    if (ts.isBindingElement(node)) {
      const name = (node.propertyName ?? node.name).getText();
      if (NAMES.test(name) && isWrite(checker.getTypeAtLocation(node.parent).getProperty(name)))
        found.push(`${file} ${name}`);
    }
    ts.forEachChild(node, (child) => visit(child, file));
  }

  for (const source of program.getSourceFiles()) {
    const file = relative(ROOT, source.fileName);
    if (file.startsWith('src/')) visit(source, file);
  }
  return found;
}

const notExcused = (found: readonly string[]) =>
  found.filter((one) => !(one in ELSEWHERE) && !((one.split(' ')[0] ?? '') in ELSEWHERE));

describe('an account or a tenant', function () {
  this.timeout(120_000);

  let found: string[];
  before(() => (found = writesIn(programWith(WAYS_ROUND))));
  const planted = (use: string) => use.startsWith('src/planted.ts ');

  it('is written by the one commit alone, which logs before and after, but where it says why not', () => {
    expect(notExcused(found).filter((use) => !planted(use))).to.deep.equal([]);
    const used = Object.keys(ELSEWHERE).filter((one) => found.some((use) => use.startsWith(one)));
    expect(used, 'excuses that nobody needs').to.have.members(Object.keys(ELSEWHERE));
  });

  it('cannot be written past it unseen: by a store, by some port, taken apart or handed on', () => {
    expect(found.filter(planted)).to.deep.equal([
      'src/planted.ts save',
      'src/planted.ts save',
      'src/planted.ts removeInvited',
      'src/planted.ts savePolicy',
      'src/planted.ts saveDetails',
    ]);
  });

  it('has its collection opened by a few stores alone', () => {
    const opening = sources().filter((path) =>
      /\b(accountCollection|tenantCollection)\b/.test(readFileSync(join(ROOT, path), 'utf8')),
    );
    expect(opening).to.have.members(Object.keys(OPENED));
  });
});
