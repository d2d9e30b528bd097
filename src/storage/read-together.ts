/** What is needed of a collection. */
interface Readable<Row> {
  find(filter: object, options: { batchSize: number }): { toArray(): Promise<Row[]> };
  /** Needed with `joins` alone. */
  aggregate?(stages: object[], options: { batchSize: number }): { toArray(): Promise<object[]> };
}

/**
 * Documents of another collection that come along, as an array in the field `as`. `localField` must be there in every
 * document: one that is missing would match every document without a `foreignField`. Both are indexed.
 */
export interface Join {
  readonly from: string;
  readonly localField: string;
  readonly foreignField: string;
  readonly as: string;
}

/** Documents in one answer of the server; more come with a second one. */
const BATCH_SIZE = 1000;

/**
 * Reads documents by one field. What is asked for in the same turn of the event loop, by whichever requests, goes to
 * the server as one command: most of what a small read costs is the command, so the busier the server, the less each
 * costs. Nothing is remembered: the command leaves after everybody in it has asked.
 *
 * @param field indexed. Its values are strings
 * @param joins what else is read by the same command
 * @returns the documents with a value, none or more. Do not change them: others may have asked for the same
 */
export function readTogether<Row extends object>(
  rows: Readable<Row>,
  field: keyof Row & string,
  joins: readonly Join[] = [],
): (value: string) => Promise<readonly Row[]> {
  let leaving: { values: Set<string>; found: Promise<Map<unknown, Row[]>> } | null = null;

  async function read(filter: object): Promise<Row[]> {
    const options = { batchSize: BATCH_SIZE };
    if (joins.length === 0 || !rows.aggregate) return rows.find(filter, options).toArray();
    const stages = [{ $match: filter }, ...joins.map((join) => ({ $lookup: join }))];
    return (await rows.aggregate(stages, options).toArray()) as Row[];
  }

  function collect() {
    const values = new Set<string>();
    const found = new Promise<void>((leave) => setImmediate(leave)).then(async () => {
      leaving = null;
      const [only, ...others] = values;
      const filter = { [field]: others.length === 0 ? only : { $in: [...values] } };
      const all = await read(filter);
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
