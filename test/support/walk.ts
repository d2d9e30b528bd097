import type { Person } from './idp.ts';
import { PASSWORD } from './idp.ts';
import type { PageBrowser } from './page-browser.ts';

/** More pages than any sign-in has. */
const MOST_PAGES = 10;

export interface Walk {
  /** Which second factor to take, where it is offered; absent = the first that is shown. */
  readonly by?: string;
  /** Stops before this page is answered. */
  readonly until?: string;
  /** The code that the authenticator app shows now. */
  readonly appCode: () => Promise<string>;
}

/** @returns the page of a sign-in that a browser shows, such as `password` or `security-key`; null = another page */
export function pageOf(browser: PageBrowser): string | null {
  return /^\/sign-in\/[^/]+\/(?:second-factor\/)?([a-z-]+)$/.exec(browser.url.pathname)?.[1] ?? null;
}

/** @returns the address of `page` in the sign-in that a browser shows */
export function within(browser: PageBrowser, page: string): string {
  return browser.url.pathname.replace(/^(\/sign-in\/[^/]+).*/, `$1/${page}`);
}

/** @returns the form that `person`'s first security key fills, for the challenge on the page */
export function touchKey(browser: PageBrowser, { keys: [key] }: Person): Record<string, string> {
  if (!key) throw new Error('this person has no security key');
  const options = JSON.parse(browser.page()('form[data-options]').attr('data-options') ?? '') as {
    challenge: string;
  };
  return { response: JSON.stringify(key.assertion(options)), client_state: 'ready' };
}

/**
 * Answers page after page as `person`, rightly, until the browser is back at the app or nothing is left to answer.
 * @returns the pages that were answered
 * @throws when it never ends
 */
export async function walk(
  browser: PageBrowser,
  person: Person,
  { by, until, appCode }: Walk,
): Promise<string[]> {
  const answered: string[] = [];
  while (browser.left === null) {
    const page = pageOf(browser);
    if (page === until || page === 'ended' || page === null) return answered;
    if (answered.length > MOST_PAGES) throw new Error(`never ends: ${answered.join(' ')}`);
    const another = page !== by && browser.page()(`a[href$="/ways"]`).length > 0;
    if (by !== undefined && another && !answered.includes(by)) {
      await browser.open(within(browser, `second-factor/${by}`));
      if (pageOf(browser) !== by) throw new Error(`${by} is not offered`);
      continue;
    }
    answered.push(page);
    switch (page) {
      case 'password':
        await browser.submit({ email: person.account.email, password: person.password ?? PASSWORD });
        break;
      case 'security-key':
        await browser.submit(touchKey(browser, person));
        break;
      case 'authenticator-app':
        await browser.submit({ code: await appCode() });
        break;
      case 'recovery-code':
      case 'rescue-code':
        await browser.submit({ code: person.codes[0] ?? '' });
        break;
      case 'set-up':
        // Gives up: the page's second form leads back to the app.
        await browser.submit({}, 'form[action$="/leave"]');
        break;
      default:
        await browser.submit({});
    }
    if (browser.status >= 400 && pageOf(browser) === page) return answered;
  }
  return answered;
}
