import { readFileSync } from 'node:fs';
import type Router from '@koa/router';
import { expect } from 'chai';
import { BUDGETS } from '../../src/attempts/budgets.ts';
import { startIdp } from '../support/idp.ts';

const text = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
const quoted = (part: string) => [...part.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| `/'))
  .map((line) => line.split('|').slice(1, 4));

/** Behind level 2 and a role; their tables are tests of their own. */
const BEHIND_A_ROLE = /^\/(admin|api)\//;

describe('docs/security.md', () => {
  it('names every form that there is, once', async () => {
    const idp = await startIdp();
    const { middleware } = idp.app.provider() as unknown as { middleware: { router?: Router }[] };
    await idp.close();
    const forms = middleware
      .flatMap(({ router }) => router?.stack ?? [])
      .filter(({ methods }) => methods.includes('POST'))
      .map(({ path }) => String(path))
      .filter((path) => !BEHIND_A_ROLE.test(path));
    expect(forms.length).to.be.greaterThan(30);
    const named = rows.flatMap(([form = '']) => quoted(form));
    expect([...named].sort()).to.deep.equal([...new Set(forms)].sort());
  });

  it('names every budget', () => {
    const known = Object.keys(BUDGETS);
    for (const [form, , budgets = ''] of rows) {
      for (const name of quoted(budgets)) expect(known, form).to.include(name);
    }
    for (const name of known) expect(text).to.include(`\`${name}\``);
  });
});
