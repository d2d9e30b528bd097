import { generateKeyPairSync, randomBytes } from 'node:crypto';
import Router from '@koa/router';
import { expect } from 'chai';
import type { Middleware } from 'koa';
import type { Page } from 'playwright-core';
import { form } from '../../src/http/form.ts';
import type { AppState } from '../../src/http/state.ts';
import { plugIn, withContext } from '../support/browser.ts';
import { type Pages, startPages } from '../support/pages.ts';

const credentialId = randomBytes(16);
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const credential = {
  credentialId: credentialId.toString('base64'),
  privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
  rpId: 'localhost',
  isResidentCredential: false,
  signCount: 0,
};

const options = (timeout = 60_000) => ({
  challenge: randomBytes(32).toString('base64url'),
  rpId: 'localhost',
  timeout,
  userVerification: 'discouraged',
  allowCredentials: [{ id: credentialId.toString('base64url'), type: 'public-key' }],
});

describe('the scripts', function () {
  this.timeout(30_000);
  let pages: Pages;
  let sent: Readonly<Record<string, string>>[];
  let renewed: string[];

  const page =
    (view: string, data: Readonly<Record<string, unknown>>): Middleware<AppState> =>
    (ctx) => {
      ctx.state.csrfBinding = 'test';
      const timeout = Number(ctx.query.timeout ?? 60_000);
      ctx.state.render(view, { ...data, options: JSON.stringify(options(timeout)) });
    };

  function mount() {
    const router = new Router<AppState>({ prefix: '/sign-in/u' });
    const keyPage = page('second-factor/security-key/verify.njk', { waysHref: '/help', declineAction: null });
    router.get('/security-key', keyPage);
    router.get('/security-key/options', (ctx) => {
      const fresh = options();
      renewed.push(fresh.challenge);
      ctx.body = fresh;
    });
    const missing = { email: false, password: false };
    router.get(
      '/password',
      page('sign-in/password.njk', { appName: null, email: 'a@b.example', missing, workspace: null }),
    );
    router.post('/:page', form, async (ctx) => {
      sent.push(ctx.state.form);
      await new Promise((resolve) => setTimeout(resolve, 300));
      ctx.body = 'sent';
    });
    return [router.routes() as unknown as Middleware<AppState>];
  }

  before(async () => void (pages = await startPages({ mount })));
  after(() => pages.close());
  beforeEach(() => {
    sent = [];
    renewed = [];
  });

  const open = (use: (page: Page) => Promise<void>, path: string, context = {}) =>
    withContext(context, async (inContext) => {
      const opened = await inContext.newPage();
      await opened.goto(`${pages.origin}/sign-in/u${path}`);
      await use(opened);
    });

  const answered = (page: Page) =>
    page
      .waitForURL((url) => url.pathname.endsWith('/security-key'))
      .then(() => page.getByText('sent').waitFor());

  describe('on the page of the security key', () => {
    it('ask the key and send what it says', () =>
      open(async (page) => {
        const key = await plugIn(page);
        await key.add(credential);
        await page.getByRole('button', { name: 'Use security key' }).click();
        await answered(page);
        expect(sent).to.have.length(1);
        expect(sent[0]?.client_state).to.equal('ready');
        const response = JSON.parse(sent[0]?.response ?? '') as { id: string; type: string };
        expect(response).to.include({ id: credentialId.toString('base64url'), type: 'public-key' });
        expect(sent[0]?._csrf).to.equal(pages.csrf.token('test'));
      }, '/security-key'));

    it('say once that they wait, keep the button, and do not ask twice', () =>
      open(async (page) => {
        // Counts what the browser is asked; the answer never comes.
        await page.evaluate(() => {
          const asked = Object.assign(globalThis, { asked: 0 });
          navigator.credentials.get = () => {
            asked.asked++;
            return new Promise(() => undefined);
          };
        });
        const button = page.locator('button[type=submit]').first();
        await button.click();
        await page
          .getByText('Waiting for your key. Touch your key when it flashes')
          .waitFor({ state: 'attached' });
        expect(await button.textContent()).to.equal('Waiting for your key');
        expect(await button.getAttribute('aria-disabled')).to.equal('true');
        expect(await button.getAttribute('disabled')).to.equal(null);
        await button.dispatchEvent('click');
        await page.waitForTimeout(100);
        expect(await page.evaluate(() => (globalThis as unknown as { asked: number }).asked)).to.equal(1);
        expect(sent).to.have.length(0);
      }, '/security-key'));

    it('name what went wrong when no key answers', () =>
      open(async (page) => {
        await plugIn(page, { touches: false });
        await page.getByRole('button', { name: 'Use security key' }).click();
        await answered(page);
        expect(sent).to.deep.equal([
          { _csrf: pages.csrf.token('test'), response: '', client_state: 'failed:NotAllowedError' },
        ]);
      }, '/security-key?timeout=1200'));

    it('fetch new options when the page was read for longer than a challenge lives', () =>
      withContext({}, async (context) => {
        const page = await context.newPage();
        await page.clock.install();
        await page.goto(`${pages.origin}/sign-in/u/security-key`);
        const key = await plugIn(page);
        await key.add(credential);
        await page.clock.fastForward(101_000);
        await page.getByRole('button', { name: 'Use security key' }).click();
        await answered(page);
        expect(renewed).to.have.length(1);
        const response = JSON.parse(sent[0]?.response ?? '') as { response: { clientDataJSON: string } };
        const clientData = Buffer.from(response.response.clientDataJSON, 'base64url').toString();
        expect(clientData).to.include(renewed[0]);
      }));

    it('say so in a browser without security keys, and make another way the main button', () =>
      withContext({}, async (context) => {
        const page = await context.newPage();
        await page.addInitScript(() => void Reflect.deleteProperty(globalThis, 'PublicKeyCredential'));
        await page.goto(`${pages.origin}/sign-in/u/security-key`);
        await page.getByRole('heading', { name: 'This browser cannot use security keys' }).waitFor();
        expect(await page.locator('button[type=submit]').isVisible()).to.equal(false);
        expect(await page.getByRole('link', { name: 'Try another way' }).getAttribute('class')).to.include(
          'primary',
        );
        expect(await page.locator('[name=client_state]').inputValue()).to.equal('no-webauthn');
      }));

    it('are missed in words where scripts are off, and another way is the main button', () =>
      open(
        async (page) => {
          await page.getByRole('heading', { name: 'Security keys need JavaScript' }).waitFor();
          expect(await page.locator('button[type=submit]').isVisible()).to.equal(false);
          const other = page.getByRole('link', { name: 'Try another way' });
          const main = await other
            .evaluate((link) => getComputedStyle(link).backgroundColor)
            .catch(() => null);
          if (main !== null) expect(main).to.equal('rgb(63, 71, 198)');
          expect(await page.locator('[name=client_state]').inputValue()).to.equal('no-script');
        },
        '/security-key',
        { javaScriptEnabled: false },
      ));
  });

  describe('on the page of the password', () => {
    it('show the password and hide it again before it is sent', () =>
      open(async (page) => {
        const input = page.getByLabel('Password', { exact: true });
        const show = page.getByRole('button', { name: 'Show password' });
        await input.fill('correct horse');
        await show.click();
        expect(await input.getAttribute('type')).to.equal('text');
        expect(await show.getAttribute('aria-pressed')).to.equal('true');
        await page.evaluate(() =>
          document.forms[0]?.addEventListener('submit', (event) => event.preventDefault()),
        );
        await page.getByRole('button', { name: 'Sign in' }).click();
        expect(await input.getAttribute('type')).to.equal('password');
        expect(await show.getAttribute('aria-pressed')).to.equal('false');
      }, '/password'));

    it('tell that Caps Lock is on, and stop telling', () =>
      open(async (page) => {
        const input = page.getByLabel('Password', { exact: true });
        const press = (modifierCapsLock: boolean) =>
          input.evaluate(
            (element, on) => element.dispatchEvent(new KeyboardEvent('keyup', { modifierCapsLock: on })),
            modifierCapsLock,
          );
        await input.focus();
        await press(true);
        expect(await page.getByText('Caps Lock is on').isVisible()).to.equal(true);
        await press(false);
        expect(await page.getByText('Caps Lock is on').isVisible()).to.equal(false);
      }, '/password'));

    it('send a form once when it is clicked twice', () =>
      open(async (page) => {
        await page.getByLabel('Password', { exact: true }).fill('correct horse');
        await page.getByRole('button', { name: 'Sign in' }).dblclick();
        await page.getByText('sent').waitFor();
        expect(sent).to.have.length(1);
        expect(sent[0]).to.include({ email: 'a@b.example', password: 'correct horse' });
      }, '/password'));

    it('are not needed', () =>
      open(
        async (page) => {
          await page.getByLabel('Password', { exact: true }).fill('correct horse');
          expect(await page.getByRole('button', { name: 'Show password' }).isVisible()).to.equal(false);
          await page.keyboard.press('Enter');
          await page.getByText('sent').waitFor();
          expect(sent[0]).to.include({ password: 'correct horse' });
        },
        '/password',
        { javaScriptEnabled: false },
      ));
  });

  it('need no mouse: Tab goes in reading order, and a refusal has the focus at once', () =>
    withContext({}, async (context) => {
      const page = await context.newPage();
      await page.goto(`${pages.origin}/sign-in/u/password`);
      const order: string[] = [];
      for (let i = 0; i < 8; i++) {
        await page.keyboard.press('Tab');
        order.push(
          await page.evaluate(
            () => document.activeElement?.id || document.activeElement?.textContent?.trim() || '',
          ),
        );
      }
      expect(order).to.deep.equal([
        'Skip to main content',
        'email',
        'password',
        'Show',
        'Sign in',
        'Forgot your password?',
        'Help',
        'Privacy',
      ]);
      for (const id of [
        'sign-in-wrong',
        'sign-in-empty',
        'authenticator-app-wrong',
        'security-key-no-answer',
      ]) {
        await page.goto(`${pages.origin}/__gallery/${id}`);
        await page.waitForFunction(() => document.activeElement?.id === 'problem', null, { timeout: 3000 });
      }
    }));
});
