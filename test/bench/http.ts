import { Agent, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly location: string | null;
  readonly cookies: readonly string[];
  readonly body: string;
}

export type Send = (
  path: string,
  options?: { form?: Readonly<Record<string, string>>; headers?: Readonly<Record<string, string>> },
) => Promise<Answer>;

/** Requests over kept connections, by the plainest way that Node has: the one who measures shares the machine. */
export function sender(base: string): Send {
  const agent = new Agent({ keepAlive: true });
  const send: Send = (path, { form, headers = {} } = {}) =>
    new Promise((resolve, reject) => {
      const body = form && new URLSearchParams(form).toString();
      const type = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
      const method = body === undefined ? 'GET' : 'POST';
      const asked = request(new URL(path, base), { agent, method, headers: { ...type, ...headers } });
      asked.on('error', (error: NodeJS.ErrnoException) => {
        // The server has just closed a connection that nobody used: it has seen nothing of this request.
        if (asked.reusedSocket && error.code === 'ECONNRESET')
          resolve(send(path, { ...(form && { form }), headers }));
        else reject(error);
      });
      asked.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode = 0, headers: got } = response;
          resolve({
            status: statusCode,
            location: got.location ?? null,
            cookies: got['set-cookie'] ?? [],
            body: text,
          });
        });
      });
      asked.end(body);
    });
  return send;
}

/** A browser that keeps cookies, follows redirects at the server and fills in the one form of a page. */
export class FormBrowser {
  readonly #cookies = new Map<string, { value: string; path: string }>();
  readonly #send: Send;
  readonly #base: string;
  #page = '';
  #path = '/';

  constructor(base: string, send: Send) {
    this.#base = base;
    this.#send = send;
  }

  /** Where it is, and what the page needs to be asked for again. */
  get place() {
    return { path: this.#path, headers: this.#cookieHeader(this.#path) };
  }

  /** @returns what it would send with a request for `path` */
  headersAt(path: string): Record<string, string> {
    return { accept: 'text/html', ...this.#cookieHeader(path) };
  }

  #cookieHeader(path: string): Record<string, string> {
    const fitting = [...this.#cookies].filter(([, cookie]) => path.startsWith(cookie.path));
    return fitting.length === 0
      ? {}
      : { cookie: fitting.map(([name, { value }]) => `${name}=${value}`).join('; ') };
  }

  #keep(cookies: readonly string[]): void {
    for (const cookie of cookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, { value, path: /path=([^;]+)/i.exec(cookie)?.[1] ?? '/' });
    }
  }

  /** @returns where the server sends the browser in the end; null = it shows a page */
  async go(path: string, form?: Readonly<Record<string, string>>): Promise<URL | null> {
    let next = new URL(path, this.#base);
    let sent = form;
    for (let hop = 0; hop < 10; hop += 1) {
      const origin = sent ? { origin: this.#base, 'sec-fetch-site': 'same-origin' } : {};
      const headers = { accept: 'text/html', ...origin, ...this.#cookieHeader(next.pathname) };
      const answer = await this.#send(next.pathname + next.search, {
        headers,
        ...(sent ? { form: sent } : {}),
      });
      this.#keep(answer.cookies);
      this.#path = next.pathname;
      if (answer.location === null) {
        if (answer.status !== 200)
          throw new Error(`${next.pathname} answered ${answer.status}: ${answer.body}`);
        this.#page = answer.body;
        return null;
      }
      next = new URL(answer.location, next);
      sent = undefined;
      if (next.origin !== this.#base) return next;
    }
    throw new Error('redirected for ever');
  }

  submit(fields: Readonly<Record<string, string>>): Promise<URL | null> {
    const form = /<form[^>]*>/.exec(this.#page)?.[0] ?? '';
    const hidden = (this.#page.match(/<input[^>]*type="hidden"[^>]*>/g) ?? []).map((input) => [
      attribute(input, 'name'),
      attribute(input, 'value'),
    ]);
    const all = { ...(Object.fromEntries(hidden) as Record<string, string>), ...fields };
    return this.go(attribute(form, 'action') || this.#path, all);
  }
}

const attribute = (tag: string, name: string) => new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? '';
