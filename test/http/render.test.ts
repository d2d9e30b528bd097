import { expect } from 'chai';
import { NO_BRANDING } from '../../src/tenants/branding.ts';
import { emailText } from '../../src/http/email-text.ts';
import { createRichText } from '../../src/http/rich-text.ts';
import { createTranslate } from '../../src/http/texts.ts';
import { testRenderer } from '../support/pages.ts';

const EVIL = '<img src=x onerror=alert(1)>"\'&{name}';
const texts = {
  lead: 'to <b>{app}</b>, or <reset>reset</reset>',
  left_one: '{count} code is left',
  left_other: '{count} codes are left',
};

describe('texts', () => {
  const t = createTranslate('en', texts);

  it('choose the form for the number', () => {
    expect(t('left', { count: 1 })).to.equal('1 code is left');
    expect(t('left', { count: 0 })).to.equal('0 codes are left');
  });

  it('throw on an unknown key and on a value that is missing', () => {
    expect(() => t('nothing')).to.throw('no text for nothing');
    expect(() => t('lead')).to.throw('a value is missing');
  });

  it('do not read a value as a text with places of its own', () => {
    expect(createTranslate('en', { a: 'x {v}' })('a', { v: '{other} $t(lead)' })).to.equal(
      'x {other} $t(lead)',
    );
  });

  it('escape everything but their own parts', () => {
    const rich = createRichText(t);
    const html = rich('lead', { app: EVIL }, { reset: '/help?"x' }).toString();
    expect(html).to.equal(
      'to <strong>&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;{name}</strong>, or <a href="/help?&quot;x">reset</a>',
    );
    expect(rich('lead', { app: '<b>bold</b>' }, { reset: '/' }).toString()).to.include('&lt;b&gt;bold');
    expect(() => rich('lead', { app: 'x' })).to.throw('no link named reset');
  });

  it('let an address break after its @, and escape it', () => {
    expect(emailText('ana@northwind.example').toString()).to.equal('ana@<wbr>northwind.example');
    expect(emailText('<b>@x').toString()).to.equal('&lt;b&gt;@<wbr>x');
  });
});

describe('rendering', () => {
  const state = {
    nonce: 'n',
    reference: 'k7m2x9qd',
    tenant: { tenantId: 'evil', name: EVIL, branding: { ...NO_BRANDING, signInText: EVIL, contact: EVIL } },
    csrfBinding: 'a',
  };
  const password = {
    appName: EVIL,
    email: EVIL,
    problem: 'wrong',
    missing: { email: false, password: false },
    workspace: null,
  };

  it('escapes what people and apps told us, in text and in attributes', async () => {
    const html = (await testRenderer()).render('sign-in/password.njk', state, password);
    expect(html).not.to.include('<img').and.not.to.include('{{');
    expect(html).to.include('value="&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;{name}"');
  });

  it('throws when a view is not given what it shows', async () => {
    const renderer = await testRenderer();
    expect(() => renderer.render('sign-in/ended.njk', state, {})).to.throw('undefined');
  });

  it('throws when a page with a form has no token for it', async () => {
    const renderer = await testRenderer();
    const unbound = { nonce: 'n', reference: 'k7m2x9qd' };
    expect(() => renderer.render('sign-in/password.njk', unbound, password)).to.throw('undefined');
  });
});
