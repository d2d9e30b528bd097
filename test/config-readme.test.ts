import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { readConfig, SETTINGS } from '../src/config.ts';

interface Row {
  readonly name: string;
  readonly fallback: string;
}

async function rows(): Promise<Row[]> {
  const text = await readFile('config/README.md', 'utf8');
  return [...text.matchAll(/^\| `([A-Z_]+)` \|(.*)\|$/gm)].map(([, name = '', rest = '']) => {
    return { name, fallback: rest.split('|').at(-1)?.trim() ?? '' };
  });
}

describe('config/README.md', () => {
  it('lists every setting once, in the order of src/config.ts', async () => {
    expect((await rows()).map(({ name }) => name)).to.deep.equal([...SETTINGS.keys()]);
  });

  it('tells the true defaults', async () => {
    const told = new Map((await rows()).map(({ name, fallback }) => [name, fallback]));
    for (const [name, fallback] of SETTINGS) {
      if (fallback !== '') expect(told.get(name), name).to.equal(`\`${fallback}\``);
      else expect(told.get(name), name).not.to.match(/^`[^`]*`$/);
    }
    expect(readConfig({}).provision).to.equal('config/demo.yaml');
  });
});

describe('settings', () => {
  it('keep two threads of the pool free of hashing, and use at least one', () => {
    expect(readConfig({ UV_THREADPOOL_SIZE: '3' }).hashConcurrency).to.equal(1);
    expect(readConfig({ UV_THREADPOOL_SIZE: '1' }).hashConcurrency).to.equal(1);
    expect(readConfig({ UV_THREADPOOL_SIZE: 'many' }).hashConcurrency).to.be.at.most(2);
    expect(readConfig({}).hashConcurrency).to.be.at.most(2);
  });
});
