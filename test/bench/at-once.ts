/** Does each piece of work, `places` of them at once, in order. @returns the results in the same order */
export async function atOnce<T, R>(
  places: number,
  pieces: readonly T[],
  work: (piece: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = pieces.entries();
  async function worker(): Promise<void> {
    for (const [index, piece] of queue) results[index] = await work(piece);
  }
  await Promise.all(Array.from({ length: places }, worker));
  return results;
}
