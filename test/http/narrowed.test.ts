import Router from '@koa/router';
import { expect } from 'chai';
import type { Context } from 'koa';
import { narrowed } from '../../src/http/narrowed.ts';

describe('narrowed routers', () => {
  const router = (...paths: string[]) => {
    const made = new Router();
    for (const path of paths) made.get(path, (ctx) => void (ctx.body = path));
    return made;
  };
  const handles = [
    router('/sign-in/:uid', '/'),
    router('/:any/special'),
    router('/sign-in/:uid/password', '/.well-known/one'),
  ].map(narrowed);

  async function answer(path: string): Promise<unknown> {
    const ctx = { path, method: 'GET', body: null, request: {} } as unknown as Context;
    const from = async (index: number): Promise<void> =>
      void (handles[index] ? await handles[index](ctx, () => from(index + 1)) : (ctx.body = 'nobody'));
    await from(0);
    return ctx.body;
  }

  it('are found, in their order', async () => {
    const paths = ['/sign-in/abc', '/', '/sign-in/abc/password', '/.well-known/one'];
    const found = await Promise.all(paths.map(answer));
    expect(found).to.deep.equal(['/sign-in/:uid', '/', '/sign-in/:uid/password', '/.well-known/one']);
  });

  it('are found whatever the case of the first segment, as without', async () => {
    expect(await answer('/SIGN-IN/abc')).to.equal('/sign-in/:uid');
  });

  it('with any first segment are asked for every path, in their place', async () => {
    expect(await answer('/else/special')).to.equal('/:any/special');
    expect(await answer('/sign-in/special')).to.equal('/sign-in/:uid');
  });

  it('leave everything else to who comes after them', async () => {
    expect(await Promise.all(['/token', '/sign-in', '/else', '//sign-in/abc'].map(answer))).to.deep.equal(
      Array(4).fill('nobody'),
    );
  });
});
