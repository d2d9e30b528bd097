import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export type Gate = Awaited<ReturnType<typeof openGate>>;

/**
 * A door in front of a server on loopback: shut, it refuses and drops connections like a server that was stopped;
 * stalled, it takes connections and says nothing, like one that hangs.
 */
export async function openGate(target: number) {
  const sockets = new Set<Socket>();
  let stalled = false;
  let server: Server;

  function pass(client: Socket): void {
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', (chunk) => void (stalled || upstream.write(chunk)));
    upstream.on('data', (chunk) => void (stalled || client.write(chunk)));
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  }

  async function open(port: number): Promise<number> {
    server = createServer(pass).listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  async function shut(): Promise<void> {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  }

  const port = await open(0);
  return {
    port,
    shut,
    reopen: () => open(port),
    stall: (on: boolean) => void (stalled = on),
  };
}
