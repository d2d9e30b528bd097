import { expect } from 'chai';
import { createCleanUp } from '../../src/admin/clean-up.ts';
import type { Tenant } from '../../src/tenants/tenant.ts';

describe('the pace of a clean-up', () => {
  /** @param took of the work of each step; milliseconds. @returns how long it rested after each */
  async function restsOf(took: readonly number[]): Promise<number[]> {
    const rests: number[] = [];
    let now = 0;
    let step = 0;
    const cleanUp = createCleanUp({
      tenants: {
        findFresh: () => Promise.resolve({ policy: {} } as Tenant),
        cleanUpsOwed: () => Promise.resolve([]),
        cleanedUp: () => Promise.resolve(),
      },
      roster: {
        everybody: () => Promise.resolve({ people: [], next: step + 1 < took.length ? 'more' : null }),
      },
      presence: { endDead: async () => void (now += took[step] ?? 0) },
      outbox: { enqueue: () => Promise.resolve() },
      audit: { record: () => Promise.resolve() },
      clock: () => new Date(now),
      rest: async (ms) => void rests.push(ms),
    });
    for (; step < took.length; step += 1)
      await cleanUp.step('northwind', { version: 1, reason: 'saved', round: 1, after: null });
    return rests;
  }

  it('leaves nine parts of ten to sign-ins, never rests for long, and not behind the last step', async () => {
    expect(await restsOf([20, 5, 4000, 30])).to.deep.equal([180, 45, 2000]);
  });

  it('is not upset by a clock that is put back', async () => {
    expect(await restsOf([-500, 0])).to.deep.equal([0]);
  });
});
