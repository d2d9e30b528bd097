import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { expect } from 'chai';
import { PortError, serve } from '../../src/process/web-server.ts';

const PORT = 34_517;

describe('the web server', () => {
  /** Sends raw bytes. @returns all that came back until the connection closed */
  async function talk(bytes: string): Promise<string> {
    const socket = connect(PORT, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    socket.write(bytes);
    await once(socket, 'close');
    return answer;
  }

  it('names the port and the setting when the port is taken', async () => {
    const first = await serve((_request, response) => response.end(), PORT, 'PORT');
    const error: unknown = await serve(() => undefined, PORT, 'PORT').catch((caught: unknown) => caught);
    await first.drain(0);
    expect(error)
      .to.be.instanceOf(PortError)
      .with.property('message')
      .that.matches(/34517 is in use.*PORT=/s);
  });

  it('is reached at the given address alone', async () => {
    const server = await serve((_request, response) => response.end('ok'), PORT, 'PORT', '127.0.0.2');
    const error: unknown = await talk('GET / HTTP/1.1\r\nhost: x\r\n\r\n').catch((caught: unknown) => caught);
    await server.drain(0);
    expect(error).to.have.property('code', 'ECONNREFUSED');
  });

  it('refuses headers of more than 16 kB', async () => {
    const server = await serve((_request, response) => response.end('ok'), PORT, 'PORT');
    const request = (bytes: number) =>
      `GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx: ${'y'.repeat(bytes)}\r\n\r\n`;
    expect(await talk(request(15_000))).to.match(/^HTTP\/1.1 200/);
    expect(await talk(request(17_000))).to.match(/^HTTP\/1.1 431/);
    await server.drain(0);
  });

  it('answers what is no request by headers as strict as all others', async () => {
    const server = await serve((_request, response) => response.end('ok'), PORT, 'PORT');
    for (const nonsense of ['nonsense\r\n\r\n', 'GET / HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n']) {
      const answer = await talk(nonsense);
      expect(answer).to.match(/^HTTP\/1.1 400 /);
      expect(answer).to.include("Content-Security-Policy: default-src 'none'");
      expect(answer).to.include('Cache-Control: no-store');
      expect(answer).to.include('X-Content-Type-Options: nosniff');
    }
    await server.drain(0);
  });

  it('finishes what it is answering before it closes, and answers nothing new', async () => {
    const arrived = Promise.withResolvers<ServerResponse>();
    const server = await serve((_request, response) => arrived.resolve(response), PORT, 'PORT');
    const answer = talk('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    const response = await arrived.promise;
    const drained = server.drain(20_000);
    const late: unknown = await talk('GET / HTTP/1.1\r\nhost: x\r\n\r\n').catch((caught: unknown) => caught);
    expect(late).to.have.property('code', 'ECONNREFUSED');
    response.end('done');
    expect(await answer).to.include('done');
    await drained;
  });

  it('cuts off what is not answered in time', async () => {
    const arrived = Promise.withResolvers<void>();
    const server = await serve(() => arrived.resolve(), PORT, 'PORT');
    const answer = talk('GET / HTTP/1.1\r\nhost: x\r\n\r\n').catch((error: unknown) => String(error));
    await arrived.promise;
    await server.drain(100);
    expect(await answer).not.to.include('HTTP');
  });
});
