import { expect } from 'chai';
import { type Pages, startPages } from '../support/pages.ts';
import { sendRaw } from './raw.ts';

describe('the own host', () => {
  let pages: Pages;
  let host: string;
  before(async () => {
    pages = await startPages();
    host = new URL(pages.origin).host;
  });
  after(() => pages.close());

  const ask = (target: string, ...headers: string[]) =>
    sendRaw(pages.origin, [`GET ${target} HTTP/1.1`, ...headers, 'Connection: close', '', ''].join('\r\n'));

  it('is answered, in capitals too', async () => {
    expect(await ask('/help', `Host: ${host}`)).to.match(/^HTTP\/1.1 200/);
    expect(await ask('/help', `Host: ${host.toUpperCase()}`)).to.match(/^HTTP\/1.1 200/);
  });

  it('is the only one: others get 421 and the right address', async () => {
    for (const wrong of [
      'evil.example',
      'localhost',
      `${host}.evil.example`,
      `127.0.0.1:${host.split(':')[1]}`,
    ]) {
      const answer = await ask('/help', `Host: ${wrong}`);
      expect(answer, wrong).to.match(/^HTTP\/1.1 421/);
      expect(answer).to.include(`href="http://${host}/"`);
    }
  });

  it('is not taken from X-Forwarded-Host', async () => {
    expect(await ask('/help', 'Host: evil.example', `X-Forwarded-Host: ${host}`)).to.match(/^HTTP\/1.1 421/);
    const answer = await ask('/help', `Host: ${host}`, 'X-Forwarded-Host: evil.example');
    expect(answer)
      .to.match(/^HTTP\/1.1 200/)
      .and.not.to.include('evil.example');
  });

  it('is named once', async () => {
    expect(await ask('/help', `Host: ${host}`, 'Host: evil.example')).to.match(/^HTTP\/1.1 400/);
    expect(await ask('/help')).to.match(/^HTTP\/1.1 400/);
  });

  it('is not named a second time by the target', async () => {
    expect(await ask(`http://evil.example/help`, `Host: ${host}`)).to.match(/^HTTP\/1.1 400/);
  });

  it('does not echo a request (TRACE)', async () => {
    const answer = await sendRaw(
      pages.origin,
      `TRACE /help HTTP/1.1\r\nHost: ${host}\r\nCookie: a=secret\r\nConnection: close\r\n\r\n`,
    );
    expect(answer)
      .to.match(/^HTTP\/1.1 405/)
      .and.not.to.include('secret');
  });
});
