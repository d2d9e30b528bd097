import type { Send } from './http.ts';
import { p95 } from './statistics.ts';

/** Pages as the gallery shows them, through the whole server: the first of a sign-in, and a security key's. */
const PAGES = ['a1-default', 'a2-default'];
/** Pages asked for when nothing else is done. */
const ALONE = 100;
/** A page is asked for so often, whether or not the one before it is there; milliseconds. */
const EVERY_MS = 25;

/** @returns how long 95 of 100 pages take at most, without and with `rush` beside; milliseconds */
export async function pageTimes(
  send: Send,
  rush: () => Promise<unknown>,
): Promise<{ alone: number; beside: number }> {
  async function page(index: number): Promise<number> {
    const started = performance.now();
    const { status } = await send(`/__gallery/${PAGES[index % PAGES.length]}`);
    if (status !== 200) throw new Error(`a page answered ${status}`);
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
