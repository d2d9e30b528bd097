import type { Connection } from 'mongoose';
import type { Keys } from './keys.ts';
import type { Check } from './management.ts';

/** What `/readyz` asks: the things without which nobody can sign in. */
export function readinessChecks(needs: {
  connection: Connection;
  keys: Keys;
  /** Whether the indexes that make single-use things single-use are there; found out once, at start. */
  indexesReady: () => boolean;
}): Readonly<Record<string, Check>> {
  const { connection, keys, indexesReady } = needs;
  return {
    async database() {
      const answer = await connection.db?.command({ ping: 1 });
      return answer?.ok === 1;
    },
    keys: () => keys.signing.length > 0 && keys.cookies.length > 0,
    indexes: indexesReady,
  };
}
