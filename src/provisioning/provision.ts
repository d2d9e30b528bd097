import { planAccount } from './account-plan.ts';
import { problemsAgainstDatabase } from './against-database.ts';
import { planClient } from './client-plan.ts';
import { type LoadedFile, type PlacedProblem, ProvisioningError } from './load.ts';
import type { Change, ProvisioningPorts, Step } from './plan.ts';
import { planTenant } from './tenant-plan.ts';
import { warningsOf } from './warnings.ts';

export interface ProvisionOptions {
  /** Works everything out and writes nothing. Default false. */
  readonly dryRun?: boolean;
  /** Sets back what people changed since the last time to what the file says. Default false. */
  readonly overwrite?: boolean;
}

export interface ProvisionResult {
  readonly changes: readonly Change[];
  /** Things that were as the file wants them. */
  readonly unchanged: number;
  readonly warnings: readonly PlacedProblem[];
}

/** Accounts that are worked on at once. */
const AT_ONCE = 4;
/** How often one thing is planned anew because somebody changed it in the same instant. */
const TRIES = 5;

/**
 * Brings tenants, accounts and clients to what a file says. Twice does nothing the second time; cut off in the
 * middle, the next run completes it: each thing is written by one conditional write, after everything was checked.
 * @throws ProvisioningError with every problem at once; nothing was written then
 */
export async function provision(
  { source, file, place }: LoadedFile,
  ports: ProvisioningPorts,
  { dryRun = false, overwrite = false }: ProvisionOptions = {},
): Promise<ProvisionResult> {
  const problems = await problemsAgainstDatabase(file, ports);
  if (problems.length > 0) throw new ProvisioningError(source, problems.map(place));

  const options = { overwrite };
  const changes: Change[] = [];
  let unchanged = 0;
  async function run<Entry>(entries: readonly Entry[], plan: (entry: Entry) => Promise<Step>): Promise<void> {
    const done = await inParallel(entries, (entry) => settle(() => plan(entry), dryRun));
    changes.push(...done.filter((change) => change !== null));
    unchanged += done.filter((change) => change === null).length;
  }

  // Tenants first: who is written must find their rules in force.
  await run(file.tenants, (entry) => planTenant(entry, ports, options));
  await run(file.accounts, (entry) => planAccount(entry, ports, options));
  await run(file.clients, (entry) => planClient(entry, ports, options));
  return { changes, unchanged, warnings: warningsOf(file, ports.provisioners).map(place) };
}

/** Plans one thing and writes it; plans again when it was changed in between. */
async function settle(plan: () => Promise<Step>, dryRun: boolean): Promise<Change | null> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const step = await plan();
    if (dryRun || (await step.write())) return step.change;
  }
  throw new Error('somebody else keeps changing the same thing: apply the file again');
}

/** @returns results in the order of `items`; the first failure ends it, and what runs then is waited for */
async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  let failed = false;
  async function worker(): Promise<void> {
    for (const [i, item] of queue) {
      if (failed) return;
      try {
        results[i] = await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  }
  const outcomes = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure) throw failure.reason;
  return results;
}
