import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';

const ROOT = join(import.meta.dirname, '../..');
const PARTS = ['src', 'views', 'config', 'test', 'tools', 'package.json', '.mocharc.json'];

/** All that a factor is outside of its own folder and its views. */
const LINES = [
  {
    file: 'src/core/factors.ts',
    before: '] as const satisfies',
    line: "{ id: 'toy', enrolled: true, level: 2, amr: ['toy'], amrBeside: [], opens: 'changes', listed: true },",
  },
  {
    file: 'src/second-factor/methods.ts',
    before: 'import type { EnrolledFactor',
    line: "import { toy } from '../../test/second-factor/toy/toy.ts';",
  },
  { file: 'src/second-factor/methods.ts', before: '    { method: recoveryCode(', line: 'toy(clock),' },
];

describe('a new factor', () => {
  let copy: string;
  before(async () => {
    copy = await mkdtemp(join(tmpdir(), 'stile-toy-'));
    for (const part of PARTS) await cp(join(ROOT, part), join(copy, part), { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    await cp(join(import.meta.dirname, 'toy/views'), join(copy, 'views/second-factor/toy'), {
      recursive: true,
    });
    for (const { file, before, line } of LINES) {
      const text = await readFile(join(copy, file), 'utf8');
      expect(text.split(before), `${file}: ${before}`).to.have.length(2);
      await writeFile(join(copy, file), text.replace(before, `${line}\n${before}`));
    }
  });
  after(() => rm(copy, { recursive: true, force: true }));

  it('is a folder, its views, a row and an entry: sign-in, set-up, own pages, console and files take it', async function () {
    this.timeout(120_000);
    const mocha = join(copy, 'node_modules/mocha/bin/mocha.js');
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [mocha, '--timeout', '60000', 'test/second-factor/toy/journey.ts'],
      { cwd: copy },
    ).catch((error: { stdout?: string; stderr?: string }) => {
      throw new Error(`${error.stdout ?? ''}${error.stderr ?? ''}`);
    });
    expect(stdout).to.match(/\d+ passing/);
  });
});
