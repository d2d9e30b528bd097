/** What is needed of a collection. */
interface Readable<Row> {
  find(filter: object, options: { batchSize: number }): { toArray(): Promise<Row[]> };
}

/** Documents in one answer of the server; more come with a second one. */
const BATCH_SIZE = 1000;

/**
 * Reads documents by one field. What is asked for in the same turn of the event loop, by whichever requests, goes to
 * the server as one command: most of what a small read costs is the command, so the busier the server, the less each
 * costs. Nothing is remembered: the command leaves after everybody in it has asked.
 *
 * @param field indexed. Its values are strings
 * @returns the documents with a value, none or more. Do not change them: others may have asked for the same
 */
export function readTogether<Row extends object>(
  rows: Readable<Row>,
  field: keyof Row & string,
): (value: string) => Promise<readonly Row[]> {
  let leaving: { values: Set<string>; found: Promise<Map<unknown, Row[]>> } | null = null;

  function collect() {
    const values = new Set<string>();
    const found = new Promise<void>((leave) => setImmediate(leave)).then(async () => {
      leaving = null;
      const [only, ...others] = values;
      const filter = { [field]: others.length === 0 ? only : { $in: [...values] } };
      const all = await rows.find(filter, { batchSize: BATCH_SIZE }).toArray();
      return Map.groupBy(all, (row) => row[field]);
    });
    return { values, found };
  }

  return async (value) => {
    leaving ??= collect();
    leaving.values.add(value);
    return (await leaving.found).get(value) ?? [];
  };
}
