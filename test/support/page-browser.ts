import { load } from 'cheerio';
import { BareBrowser } from './bare-browser.ts';

/** A browser without script: follows redirects at Stile and submits the forms that it finds. */
export class PageBrowser {
  #bare: BareBrowser;
  readonly #base: string;
  url: URL;
  status = 0;
  headers = new Headers();
  html = '';
  /** Where the last redirect leaves Stile to; null while it does not. */
  left: URL | null = null;

  constructor(base: string) {
    this.#base = base;
    this.#bare = new BareBrowser({ base, issuer: base });
    this.url = new URL(base);
  }

  /** @returns the same browser in another tab */
  copy(): PageBrowser {
    const tab = new PageBrowser(this.#base);
    tab.#bare = this.#bare;
    tab.url = this.url;
    return tab;
  }

  set userAgent(name: string) {
    this.#bare.userAgent = name;
  }

  get cookies() {
    return this.#bare.cookies;
  }

  async #settle(response: Response): Promise<void> {
    let answer = response;
    for (let hop = 0; hop < 10; hop += 1) {
      const location = answer.headers.get('location');
      this.status = answer.status;
      this.headers = answer.headers;
      if (location === null) {
        this.html = await answer.text();
        return;
      }
      const to = new URL(location, this.url);
      if (to.origin !== new URL(this.#base).origin) {
        this.left = to;
        return;
      }
      this.url = to;
      answer = await this.#bare.request(to.href);
    }
    throw new Error('redirected for ever');
  }

  async open(path: string): Promise<this> {
    this.left = null;
    this.url = new URL(path, this.#base);
    await this.#settle(await this.#bare.request(this.url.href));
    return this;
  }

  page() {
    return load(this.html);
  }

  heading(): string {
    return this.page()('h1').text().trim();
  }

  /** Submits the page's first form, or the one that `selector` names, with `fields` typed in. */
  async submit(fields: Record<string, string>, selector = 'form'): Promise<this> {
    const $ = this.page();
    const form = $(selector).first();
    const hidden = Object.fromEntries(
      form
        .find('input[type=hidden]')
        .toArray()
        .map((input) => [$(input).attr('name') ?? '', $(input).attr('value') ?? '']),
    );
    return this.post(form.attr('action') ?? this.url.pathname, { ...hidden, ...fields });
  }

  async post(
    path: string,
    fields: Record<string, string> | FormData,
    headers: Record<string, string> = {},
  ): Promise<this> {
    this.left = null;
    this.url = new URL(path, this.url);
    const body = fields instanceof FormData ? fields : new URLSearchParams(fields);
    const origin = { origin: this.#base, 'sec-fetch-site': 'same-origin', ...headers };
    await this.#settle(await this.#bare.request(this.url.href, { method: 'POST', body, headers: origin }));
    return this;
  }
}
