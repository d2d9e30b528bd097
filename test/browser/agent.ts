import { expect } from 'chai';
import { generate } from 'otplib';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { epochSeconds, systemClock } from '../../src/core/clock.ts';
import { PASSWORD } from '../support/idp.ts';

/** Somebody at a browser: does what people do, and finds things by what they are called. */
export class Agent {
  readonly page: Page;
  /** What the browser complained of: errors of scripts, things that the page's own rules blocked. */
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('pageerror', ({ message }) => this.complaints.push(message));
    page.on('console', (message) => {
      // A refused form answers 4xx, and Chromium notes every such answer as an error.
      const isStatus = message.text().startsWith('Failed to load resource: the server responded');
      if (message.type() === 'error' && !isStatus) this.complaints.push(message.text());
    });
  }

  static async in(context: BrowserContext): Promise<Agent> {
    return new Agent(await context.newPage());
  }

  /** Waits for the page with this heading. */
  async sees(heading: string): Promise<void> {
    await this.page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
  }

  async select(name: string): Promise<void> {
    await this.page.getByRole('button', { name, exact: true }).click();
  }

  async follow(name: string | RegExp): Promise<void> {
    await this.page.getByRole('link', { name }).click();
  }

  async password(email: string, password = PASSWORD): Promise<void> {
    await this.sees('Sign in');
    await this.page.getByLabel('Email').fill(email);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.select('Sign in');
  }

  /** Opens the desk and signs in as far as the second step. */
  async begin(url: string, email: string, button = 'Sign in'): Promise<void> {
    await this.page.goto(url);
    await this.select(button);
    await this.password(email);
  }

  async touchKey(): Promise<void> {
    await this.sees('Use your security key');
    await this.select('Use security key');
  }

  async anotherWay(name: RegExp): Promise<void> {
    await this.follow('Try another way');
    await this.sees('Try another way');
    await this.follow(name);
  }

  async appCode(code: string): Promise<void> {
    await this.sees('Enter the code from your authenticator app');
    await this.page.getByLabel('6-digit code').fill(code);
    await this.select('Continue');
  }

  async recoveryCode(code: string): Promise<void> {
    await this.sees('Enter a recovery code');
    await this.page.getByLabel('Recovery code').fill(code);
    await this.select('Continue');
  }

  /** Reads the newest mail with this subject in the mailbox of `issuer`, in a tab of its own. @returns its text */
  async mail(issuer: string, subject: RegExp): Promise<string> {
    const tab = await this.page.context().newPage();
    const mail = tab.getByRole('article').filter({ has: tab.getByRole('heading', { name: subject }) });
    do await tab.goto(`${issuer}/dev/mailbox`);
    while ((await mail.count()) === 0);
    const text = await mail.first().innerText();
    await tab.close();
    return text;
  }

  /** The recovery codes on the page. */
  shownCodes(): Promise<string[]> {
    return this.page.locator('.codes code').allTextContents();
  }

  async saveCodes(): Promise<void> {
    await this.sees('Save your recovery codes');
    await this.page
      .getByLabel('I have saved these codes somewhere I can reach without this computer')
      .check();
    await this.select('Continue');
  }

  async choose(method: string): Promise<void> {
    await this.sees('How do you want to confirm it is you?');
    await this.page.getByRole('radio', { name: method }).check();
    await this.select('Next');
  }

  /** Adds the app that the page tells about. */
  async addApp(): Promise<void> {
    await this.sees('Add your authenticator app');
    const secret = (await this.page.locator('.secret').textContent())?.replaceAll(' ', '') ?? '';
    const code = await generate({ secret, epoch: epochSeconds(systemClock()) });
    await this.page.getByLabel('6-digit code').fill(code);
    await this.select('Finish');
    await this.sees('You are set up');
  }

  alert(): Locator {
    return this.page.getByRole('alert');
  }

  /** What the desk shows beside this name. */
  async fact(name: RegExp): Promise<string> {
    return (await this.page.getByRole('row', { name }).getByRole('cell').innerText()).replaceAll(/\s+/g, ' ');
  }

  /** The desk tells these proofs and this level, and the browser had nothing to complain of. */
  async isSignedIn(name: string, { amr, acr }: { amr: string; acr: string }): Promise<void> {
    await this.sees(`Hello, ${name}`);
    expect((await this.fact(/amr/)).split(' ').sort()).to.deep.equal(amr.split(' ').sort());
    expect((await this.fact(/acr/)).split(' ')[0]).to.equal(acr);
    expect(this.complaints).to.deep.equal([]);
  }
}
