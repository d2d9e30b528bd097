import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Engine } from './engine.ts';
import { startMongod } from './mongod.ts';

const run = promisify(execFile);

/** The mongod of this machine. */
export const localMongod: Engine = {
  way: 'Install MongoDB, so that mongod is on the PATH: Stile starts it with its data in DATA_DIR.',

  async start(request) {
    let said: string;
    try {
      ({ stdout: said } = await run('mongod', ['--version'], { timeout: 10_000 }));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const absent = code === 'ENOENT' || code === 'EACCES';
      return { reason: absent ? 'no mongod on the PATH' : `mongod does not run: ${message}` };
    }
    return startMongod('mongod', /v(\d+\.\d+\.\d+)/.exec(said)?.[1] ?? '(unknown version)', request);
  },
};
