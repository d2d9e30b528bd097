import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { ERROR_STATUS, KIND_OF } from '../../src/http/error-kinds.ts';
import { startCallers, type Callers } from './callers.ts';

const run = promisify(execFile);
const text = readFileSync(new URL('../../docs/admin-api.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, script = '']) => script);

describe('docs/admin-api.md', () => {
  let api: Callers;
  let env: Record<string, string>;
  before(async () => {
    api = await startCallers();
    await api.person('boss@northwind.example', ['admin']);
    env = {
      PATH: process.env.PATH ?? '',
      STILE: api.idp.base,
      TENANT: 'northwind',
      CLIENT_ID: 'machine-northwind',
      CLIENT_SECRET: 'a secret of this test, long enough',
    };
  });
  after(() => api.idp.close());

  it('has examples that run one after the other', async () => {
    expect(examples).to.have.length(5);
    const script = ['set -euo pipefail', ...examples.flatMap((one) => [one, 'echo'])].join('\n');
    const { stdout } = await run('bash', ['-c', script], { env });
    for (const part of [
      '"coverage":{"total":1,"withKey":1',
      '{"agents":[],"next":null}',
      'boss@northwind.example,',
      '"skips":3',
      '"state":"preview","agents":[{"email":"noor@northwind.example","result":"ready"',
      '"result":"skipped","reason":"not_found"',
    ])
      expect(stdout).to.include(part);
    expect(await api.idp.app.stores.roster.count('northwind', {})).to.equal(1);
  });

  it('names codes with the statuses that they have', () => {
    const rows = [...text.matchAll(/^\| (\d{3}) \| (.*?) \|/gm)];
    expect(rows.length).to.be.greaterThan(10);
    for (const [, status, codes = ''] of rows) {
      for (const [, code = ''] of codes.matchAll(/`(\w+)`/g)) {
        const kind = Object.entries(KIND_OF).find(([one]) => one === code)?.[1];
        // Those of the API alone are in its own tests.
        if (kind) expect(String(ERROR_STATUS[kind]), code).to.equal(status);
      }
    }
  });
});
