import { expect } from 'chai';
import { hashQueue } from '../../src/accounts/hash-queue.ts';
import { DomainError } from '../../src/core/errors.ts';

/** A job that ends when the test says so. */
function job() {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  let started = false;
  return {
    run: async () => {
      started = true;
      await ended;
    },
    end: () => end(),
    get started() {
      return started;
    },
  };
}

const refused = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('the hash queue', () => {
  it('lets the patient wait for room, however many they are, behind everybody else', async () => {
    const queue = hashQueue({ concurrency: 1, maxWaiting: 2, maxWaitMs: 20 });
    const order: string[] = [];
    const note = (name: string) => async () => void order.push(name);
    const first = job();
    const all = [queue.run(first.run)];
    for (let i = 0; i < 100; i += 1) all.push(queue.run(note('file'), { patient: true }));
    all.push(queue.run(note('person')));
    first.end();
    await Promise.all(all);
    expect(order).to.deep.equal(['person', ...Array.from({ length: 100 }, () => 'file')]);
  });

  it('runs as many at once as it may, and the others in the order in which they came', async () => {
    const queue = hashQueue({ concurrency: 2 });
    const jobs = Array.from({ length: 4 }, job);
    const all = jobs.map((one) => queue.run(one.run));
    await settle();
    expect(jobs.map((one) => one.started)).to.deep.equal([true, true, false, false]);
    jobs[1]?.end();
    await settle();
    expect(jobs.map((one) => one.started)).to.deep.equal([true, true, true, false]);
    jobs.forEach((one) => one.end());
    await Promise.all(all);
  });

  it('turns strangers away at half of the places and known devices at all of them', async () => {
    const queue = hashQueue({ concurrency: 1, maxWaiting: 4 });
    const running = job();
    const results = [queue.run(running.run), queue.run(async () => 1), queue.run(async () => 2)];
    expect(await refused(queue.run(async () => 3))).to.include({ code: 'busy', retryAfterSeconds: 2 });
    results.push(
      queue.run(async () => 4, { knownDevice: true }),
      queue.run(async () => 5, { knownDevice: true }),
    );
    expect(await refused(queue.run(async () => 6, { knownDevice: true }))).to.include({ code: 'busy' });
    running.end();
    expect(await Promise.all(results)).to.deep.equal([undefined, 1, 2, 4, 5]);
  });

  it('turns away who has waited too long, and gives the place to another', async () => {
    const queue = hashQueue({ concurrency: 1, maxWaiting: 2, maxWaitMs: 20 });
    const running = job();
    const first = queue.run(running.run);
    expect(await refused(queue.run(async () => 'late')))
      .to.be.instanceOf(DomainError)
      .and.include({ code: 'busy' });
    const next = queue.run(async () => 'in time');
    running.end();
    await first;
    expect(await next).to.equal('in time');
  });

  it('goes on after a job that failed', async () => {
    const queue = hashQueue({ concurrency: 1 });
    const failing = queue.run(() => Promise.reject(new Error('out of memory')));
    const next = queue.run(async () => 'fine');
    expect(await refused(failing)).to.be.instanceOf(Error);
    expect(await next).to.equal('fine');
    expect(await queue.run(async () => 'still')).to.equal('still');
  });

  it('never runs more than it may, whatever comes and goes', async () => {
    const queue = hashQueue({ concurrency: 3, maxWaiting: 1000 });
    let running = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++running);
      await settle();
      running -= 1;
    };
    const all = Array.from({ length: 200 }, () => queue.run(work, { knownDevice: true }));
    await Promise.all(all);
    expect(most).to.equal(3);
  });
});
