import { load, type CheerioAPI } from 'cheerio';

/** A page as a visitor without script sees it. */
export interface Seen {
  readonly status: number;
  readonly url: URL;
  readonly headers: Headers;
  readonly $: CheerioAPI;
  /** Everything that can be read on it, with single spaces. */
  readonly text: string;
}

/** A browser without script that goes between the desk and Stile, each with its own cookies, and follows redirects. */
export class DeskVisitor {
  readonly #jars = new Map<string, Map<string, string>>();
  #page: Seen | null = null;
  /** Every address that was asked for, oldest first. */
  readonly trail: URL[] = [];

  get page(): Seen {
    if (!this.#page) throw new Error('no page was opened yet');
    return this.#page;
  }

  cookies(origin: string): Map<string, string> {
    const jar = this.#jars.get(origin) ?? new Map<string, string>();
    this.#jars.set(origin, jar);
    return jar;
  }

  /** Opens an address and follows where it leads. */
  async open(address: string | URL, init: RequestInit = {}): Promise<Seen> {
    let url = new URL(address);
    let response = await this.#send(url, init);
    for (let hop = 0; response.headers.has('location'); hop += 1) {
      if (hop === 20) throw new Error(`redirected for ever, last to ${url.href}`);
      url = new URL(response.headers.get('location') ?? '', url);
      response = await this.#send(url, {});
    }
    const $ = load(await response.text());
    const text = $('body').text().replaceAll(/\s+/g, ' ');
    this.#page = { status: response.status, url, headers: response.headers, $, text };
    return this.#page;
  }

  /** Selects the button of that name, as a browser would send its form. */
  async select(name: string): Promise<Seen> {
    const { $, url } = this.page;
    const button = $('button').filter((_, element) => $(element).text().trim() === name);
    if (button.length !== 1) throw new Error(`"${name}" is there ${button.length} times on ${url.href}`);
    const action = button.attr('formaction') ?? button.closest('form').attr('action') ?? url.href;
    return this.open(new URL(action, url), {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin', origin: url.origin },
    });
  }

  /** Sends the page's form with `fields` typed in. */
  async submit(fields: Record<string, string>): Promise<Seen> {
    const { $, url } = this.page;
    const form = $('form').first();
    const body = new URLSearchParams(fields);
    for (const input of form.find('input[type=hidden]').toArray()) {
      body.append($(input).attr('name') ?? '', $(input).attr('value') ?? '');
    }
    return this.open(new URL(form.attr('action') ?? url.href, url), {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin', origin: url.origin },
      body,
    });
  }

  /** What the row of the page's table says. */
  fact(name: string): string {
    const { $ } = this.page;
    const row = $('tr').filter((_, element) => $(element).find('th').text().includes(name));
    return row.find('td').text().replaceAll(/\s+/g, ' ').trim();
  }

  async #send(url: URL, init: RequestInit): Promise<Response> {
    this.trail.push(url);
    const jar = this.cookies(url.origin);
    const headers = new Headers(init.headers);
    headers.set('accept', 'text/html');
    if (jar.size > 0) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const header of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(header)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }
}
