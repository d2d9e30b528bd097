/** What is needed of a collection. */
interface Writable<Row> {
  insertMany(rows: Row[], options: { ordered: false }): Promise<unknown>;
}

interface Waiting<Row> {
  readonly row: Row;
  readonly resolve: (inserted: boolean) => void;
  readonly reject: (reason: unknown) => void;
}

/** What the driver says of an insert of several, some of which failed (its `MongoBulkWriteError`). */
interface BulkFailure {
  readonly writeErrors?: WriteFailure | readonly WriteFailure[];
  readonly result?: { getWriteConcernError(): unknown };
}
type WriteFailure = { readonly index: number; readonly code: number };

const DUPLICATE = 11_000;

/** @returns null when the failure is everybody's: the database is away, or did not confirm by a majority */
function failuresOf(error: unknown): Map<number, WriteFailure> | null {
  const { writeErrors = [], result } = error as BulkFailure;
  const each = [writeErrors].flat() as readonly WriteFailure[];
  if (each.length === 0 || result?.getWriteConcernError()) return null;
  return new Map(each.map((failure) => [failure.index, failure]));
}

/**
 * Inserts documents, each for itself: what is asked for in the same turn of the event loop, by whichever requests, goes
 * to the server as one command, as with `readTogether`. Everybody waits for the write, with the collection's write
 * concern, and learns of their own document alone.
 *
 * @returns false when a unique value of the document is taken
 */
export function insertTogether<Row extends object>(rows: Writable<Row>): (row: Row) => Promise<boolean> {
  let leaving: Waiting<Row>[] = [];

  async function leave(): Promise<void> {
    const batch = leaving;
    leaving = [];
    try {
      await rows.insertMany(
        batch.map(({ row }) => row),
        { ordered: false },
      );
      for (const { resolve } of batch) resolve(true);
    } catch (error) {
      const failures = failuresOf(error);
      batch.forEach(({ resolve, reject }, index) => {
        const failure = failures?.get(index);
        if (failures && (!failure || failure.code === DUPLICATE)) resolve(!failure);
        else reject(error);
      });
    }
  }

  return (row) =>
    new Promise((resolve, reject) => {
      if (leaving.push({ row, resolve, reject }) === 1) setImmediate(() => void leave());
    });
}
