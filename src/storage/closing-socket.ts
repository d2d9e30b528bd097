import { createRequire } from 'node:module';
import type { Socket } from 'node:net';

/** A connection of the driver's pool, as far as it is touched here. */
interface DriverConnection {
  readonly socket: Socket;
  readonly closed: boolean;
  cleanup(error: Error): void;
}

/**
 * Mends a wait without end in the driver (mongodb 7.8, `Connection.writeCommand`): a socket that is destroyed but has
 * not said so yet takes no bytes; the driver reads that as "full" and waits for `drain`, which never comes, and no
 * timeout of its covers that wait. The command hangs, and with it a request and a place in the pool, each time that a
 * database stops under load. With this, whatever ends the connection ends that wait too, by the same error.
 *
 * To be deleted when `test/storage/closing-socket.test.ts` passes without it.
 * @throws when the driver has no such class any more
 */
export function endWaitsOfClosedSockets(): void {
  const fromHere = createRequire(import.meta.url);
  const fromMongoose = createRequire(fromHere.resolve('mongoose'));
  const { Connection } = fromMongoose('mongodb/lib/cmap/connection.js') as {
    Connection: { prototype: DriverConnection };
  };
  const { cleanup } = Connection.prototype;
  Connection.prototype.cleanup = function (error) {
    if (this.closed) return;
    cleanup.call(this, error);
    if (this.socket.listenerCount('drain') > 0) this.socket.emit('error', error);
  };
}
