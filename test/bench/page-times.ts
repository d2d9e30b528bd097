import { FormBrowser } from './http.ts';
import type { Place } from './sign-ins.ts';
import { p95 } from './statistics.ts';

/** Pages as the gallery shows them, through the whole server: the first of a sign-in, and a security key's. */
const SHOWN = ['/__gallery/sign-in-default', '/__gallery/security-key-default'];
/** Pages of somebody who is signed in, with all that they read: security settings, and the policy of a tenant. */
const OWN = ['/account/security', '/admin/policy'];
const PAGES = [...SHOWN, ...OWN];
/** Pages asked for when nothing else is done. */
const ALONE = 200;
/** A page is asked for so often, whether or not the one before it is there; milliseconds. */
const EVERY_MS = 25;

export interface PageTimes {
  readonly alone: number;
  readonly beside: number;
}

/** Somebody in charge who looks at pages. */
export async function visitor({ stile, base, send, answers }: Place): Promise<FormBrowser> {
  const email = 'boss@northwind.example';
  await stile.call('admin', email);
  const browser = new FormBrowser(base, send);
  await browser.go('/account/security');
  for (const fields of await answers(email)) await browser.submit(fields);
  if (browser.place.path !== '/account/security') throw new Error(`signed in, and at ${browser.place.path}`);
  // The console's own sign-in: the session is there, so that it asks nothing.
  await browser.go('/admin/policy');
  return browser;
}

/** @returns how long 95 of 100 pages take at most, without and with `rush` beside; milliseconds */
export async function pageTimes(
  { send }: Place,
  browser: FormBrowser,
  rush: () => Promise<unknown>,
): Promise<PageTimes> {
  async function page(index: number): Promise<number> {
    const path = PAGES[index % PAGES.length] ?? '';
    const started = performance.now();
    const { status } = await send(path, { headers: browser.headersAt(path) });
    if (status !== 200) throw new Error(`${path} answered ${status}`);
    return performance.now() - started;
  }

  async function until(over: (index: number) => boolean): Promise<number> {
    const times: Promise<number>[] = [];
    for (let index = 0; !over(index); index += 1) {
      times.push(page(index));
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    return p95(await Promise.all(times));
  }

  const alone = await until((index) => index === ALONE);
  let over = false;
  const rushing = rush().finally(() => (over = true));
  const [beside] = await Promise.all([until(() => over), rushing]);
  return { alone, beside };
}
