import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { load } from 'cheerio';
import { mailTexts, type MailTexts } from '../../src/notifications/mail-texts.ts';
import { MAIL_KINDS, mailSchema, type Mail } from '../../src/notifications/mail.ts';
import { formatMoment, renderMail } from '../../src/notifications/mails.ts';
import { ana, samples } from './mail-samples.ts';

const origin = new URL('https://id.example.com');
const texts = mailTexts();
const render = (mail: Mail, to = ana) => renderMail(mail, to, origin, texts);
const done = { at: new Date('2026-11-24T09:12:00Z'), device: null };

describe('the mails', () => {
  for (const kind of MAIL_KINDS) {
    it(`say the same in text and HTML: ${kind}`, () => {
      const { subject, text, html } = render(samples[kind]);
      const $ = load(html);
      const words = (value: string) => value.replaceAll(/\s+/g, ' ').trim();
      expect($('h1').text()).to.equal(subject);
      expect(text).to.include('Hello Ana Ribeiro,').and.not.match(/\{\w/);
      expect(html).to.not.match(/\{\w/);
      for (const paragraph of $('p').toArray()) {
        // In the HTML part the link's lead and the link are one paragraph with a break.
        for (const line of $(paragraph).html()?.split('<br>') ?? []) {
          expect(words(text)).to.include(words(load(line).text()));
        }
      }
    });

    it(`hold no image, no script, no colour and only addresses of our own: ${kind}`, () => {
      const { text, html } = render(samples[kind]);
      const $ = load(html);
      expect($('img, script, link, iframe, form')).to.have.length(0);
      expect(html).to.not.match(/(^|[^-])(color|background)\s*:/);
      const found = [...`${text} ${html}`.matchAll(/https?:\/\/[^\s"'<]+/g)].map(
        ([address]) => new URL(address),
      );
      for (const address of found) expect(address.origin).to.equal(origin.origin);
      expect($('a').length).to.be.at.most(1);
    });

    it(`survive the way through the outbox: ${kind}`, () => {
      const travelled = mailSchema.parse(JSON.parse(JSON.stringify(samples[kind])));
      expect(travelled).to.deep.equal(samples[kind]);
    });
  }

  it('carry the subjects that were agreed', () => {
    const subjects = Object.fromEntries(MAIL_KINDS.map((kind) => [kind, render(samples[kind]).subject]));
    expect(subjects['method-added']).to.equal('A security key was added to your Northwind Support account');
    expect(subjects['method-removed']).to.equal(
      'An authenticator app was removed from your Northwind Support account',
    );
    expect(subjects['two-factor-off']).to.equal(
      'Two-factor authentication was turned off for your Northwind Support account',
    );
    expect(subjects['recovery-code-used']).to.equal('A recovery code was used. 7 left');
    expect(subjects['recovery-codes-made']).to.equal(
      'New recovery codes were made. Old ones stopped working',
    );
    expect(subjects['second-step-refused']).to.equal(
      'Someone knows your password and failed the second step 3 times',
    );
    expect(subjects['new-browser']).to.equal('New sign-in from Chrome on Windows');
    expect(subjects['reset-asked']).to.equal('Your sign-in methods will be reset');
    expect(subjects['policy-announced']).to.match(
      /^From 1 December 2026.*, Northwind Support asks for two-factor/,
    );
  });

  it('tell the time in the zone of the agent, with the name of the zone', () => {
    expect(render(samples['method-added']).text).to.include('When: 24 November 2026, 09:12 WET');
    const abroad = render(samples['method-added'], { ...ana, zone: 'America/New_York' });
    expect(abroad.text).to.match(/When: 24 November 2026, 04:12 (EST|GMT-5)/);
  });

  it('fall back to UTC for a zone that does not exist', () => {
    expect(formatMoment(done.at, 'Mars/Olympus')).to.equal('24 November 2026, 09:12 UTC');
  });

  it('say what to do if it was somebody else, with the address to type and whom to tell', () => {
    expect(render(samples['password-changed']).text).to.include(
      'If this was not you: change your password at id.example.com (type the address) and tell the floor desk, 4400.',
    );
    expect(render(samples['password-changed'], { ...ana, contact: null }).text).to.include(
      'tell your team lead.',
    );
  });

  it('urge for new codes when few or none are left', () => {
    const left = (codesLeft: number) => render({ kind: 'recovery-code-used', codesLeft, ...done }).text;
    expect(left(4)).to.not.include('Make new ones');
    expect(left(3)).to.include('Only a few codes are left');
    expect(left(0)).to.include('No codes are left');
  });

  it('put names in as text: no markup, no new line, no nested text', () => {
    const name = '<img src=x onerror=alert(1)>\r\nBcc: all@example.com $t(frame.footer) {host}';
    const { subject, text, html } = render(
      { kind: 'method-added', method: 'security-key', name, ...done },
      { ...ana, name, tenantName: `Nord${name}` },
    );
    expect(subject).to.not.match(/[\r\n]/);
    expect(load(html)('img')).to.have.length(0);
    expect(text).to.not.match(/^Bcc:/m);
    expect(text).to.include('$t(frame.footer) {host}');
  });

  it('refuse a link that leads away', () => {
    for (const path of ['//evil.example/x', 'https://evil.example', 'javascript:alert(1)', '']) {
      expect(mailSchema.safeParse({ kind: 'invitation', path, days: 7 }).success).to.equal(false);
    }
  });

  it('use every text that the file holds, and no other', () => {
    const asked = new Set<string>();
    const watched: MailTexts = (key, values) => {
      asked.add(key);
      return texts(key, values);
    };
    const variants: Mail[] = [
      ...Object.values(samples),
      { kind: 'recovery-code-used', codesLeft: 0, ...done },
      { kind: 'recovery-code-used', codesLeft: 2, ...done },
      { kind: 'reset-asked', effectiveAt: null, cancelPath: '/x', ...done },
      { kind: 'policy-announced', from: null },
    ];
    for (const mail of variants) renderMail(mail, { ...ana, contact: null }, origin, watched);
    const file = new URL('../../views/mails/texts.en.json', import.meta.url);
    const words = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, string>>;
    const held = Object.entries(words)
      .filter(([part]) => part !== 'mailbox')
      .flatMap(([part, keys]) =>
        Object.keys(keys).map((key) => `${part}.${key.replace(/_(one|other)$/, '')}`),
      );
    // What a method is called in mails stands in its own folder.
    const own = [...asked].filter((key) => !key.startsWith('methods.'));
    expect(own.sort()).to.deep.equal([...new Set(held)].sort());
    expect(own.length).to.be.below(asked.size);
  });

  it('count in words: once is "1 time"', () => {
    expect(render({ kind: 'second-step-refused', times: 1, ...done }).subject).to.match(/1 time$/);
  });
});
