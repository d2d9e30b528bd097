import { connect } from 'node:net';

/**
 * Sends bytes as they are, which no HTTP client would, and reads the answer.
 * @returns status line, headers and body as one text
 */
export function sendRaw(origin: string, request: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => resolve(Buffer.concat(chunks).toString()));
    socket.on('error', reject);
    socket.write(request);
  });
}
