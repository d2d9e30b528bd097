import { expect } from 'chai';
import { load } from 'cheerio';
import { HtmlValidate } from 'html-validate';
import { renderGallery, type RenderedState } from './rendered.ts';

/** What one round trip carries (initial window of ten segments, RFC 6928); bytes before compression. */
const HTML_BUDGET = 12 * 1024;

/** Views of pages whose every form is ours, not the provider's, and changes something. */
const OWN_FORMS = /^(sign-in|second-factor|security-settings|set-up)\//;

describe('the markup of every page in every state', () => {
  let states: RenderedState[];
  before(async () => void (states = await renderGallery()));

  it('is valid HTML', async function () {
    this.timeout(60_000);
    const validator = new HtmlValidate({
      extends: ['html-validate:recommended', 'html-validate:a11y'],
      rules: {
        // Style of writing, not validity.
        'no-trailing-whitespace': 'off',
        'void-style': 'off',
        'attribute-boolean-style': 'off',
        'long-title': 'off',
        'doctype-style': 'off',
        'no-inline-style': 'error',
        'require-sri': 'off',
        // Ticks of a list, as radios.
        'form-dup-name': ['error', { shared: ['radio', 'checkbox', 'button', 'reset', 'submit'] }],
      },
    });
    const faults: string[] = [];
    for (const { id, html } of states) {
      const report = await validator.validateString(html);
      for (const { messages } of report.results) {
        faults.push(...messages.map(({ ruleId, message, line }) => `${id}:${line} ${ruleId}: ${message}`));
      }
    }
    expect(faults).to.deep.equal([]);
  });

  it('has one main, one h1, a skip link first, and a title of its heading and the tenant', () => {
    for (const { id, html } of states) {
      const page = load(html);
      expect(page('main'), id).to.have.length(1);
      expect(page('h1'), id).to.have.length(1);
      expect(page('html').attr('lang'), id).to.equal('en');
      expect(page('body').children().first().attr('href'), id).to.equal('#main');
      const title = page('title')
        .text()
        .replace(/^Error: /, '');
      expect(title, id).to.include(page('h1').text().trim());
      expect(title, id).to.match(/ – \S/);
    }
  });

  it('says "Error:" in the title if and only if the page takes the focus to what went wrong', () => {
    for (const { id, html } of states) {
      const page = load(html);
      expect(page('title').text().startsWith('Error: '), id).to.equal(page('[role=alert]').length > 0);
      page('[role=alert]').each((_, alert) => {
        expect(page(alert).attr('tabindex'), id).to.equal('-1');
        expect(page(alert).is('[autofocus]'), id).to.equal(true);
      });
    }
  });

  it('joins each error to its field, and never echoes a password or a code', () => {
    for (const { id, html } of states) {
      const page = load(html);
      page('[aria-invalid=true]').each((_, input) => {
        expect(page(input).attr('aria-describedby'), id).to.include(`${page(input).attr('id')}-error`);
      });
      page('[aria-describedby]').each((_, element) => {
        for (const name of (page(element).attr('aria-describedby') ?? '').split(' ')) {
          expect(page(`[id="${name}"]`), `${id} ${name}`).to.have.length(1);
        }
      });
      expect(page('input[type=password][value], #code[value]'), id).to.have.length(0);
    }
  });

  it('marks neither field after a wrong email or password, and keeps the email', () => {
    const page = load(states.find(({ id }) => id === 'sign-in-wrong')?.html ?? '');
    expect(page('[aria-invalid]')).to.have.length(0);
    expect(page('#email').attr('aria-describedby')).to.equal('problem');
    expect(page('#password').attr('aria-describedby')).to.equal('problem');
    expect(page('#email').attr('value')).to.equal('ana.ribeiro@northwind.example');
  });

  it('helps password managers: the right tokens, nothing blocked, nothing cut', () => {
    for (const { id, html } of states) {
      const page = load(html);
      expect(page('[maxlength], [placeholder], [onpaste]'), id).to.have.length(0);
      page('input[type=password]').each((_, input) => {
        const token =
          page(input).attr('id') === 'password' &&
          /^(exposed-password|change-password|new-password|invitation-password)-/.test(id)
            ? 'new'
            : 'current';
        expect(page(input).attr('autocomplete'), id).to.equal(`${token}-password`);
      });
      // Of whoever signs in; whom an admin invites is somebody else.
      const whose = id.startsWith('agents-') ? 'off' : 'username';
      page('#email').each((_, input) => void expect(page(input).attr('autocomplete'), id).to.equal(whose));
    }
    const app = load(states.find(({ id }) => id === 'authenticator-app-default')?.html ?? '');
    expect(app('#code').attr('autocomplete')).to.equal('one-time-code');
    expect(app('#code').attr('inputmode')).to.equal('numeric');
  });

  it('has no style, script or handler in it, and loads nothing from others', () => {
    for (const { id, html } of states) {
      const page = load(html);
      expect(page('style, [style], base, iframe, object'), id).to.have.length(0);
      page('script').each((_, script) => {
        expect(page(script).attr('src'), id).to.match(/^\/assets\/[\w.-]+\.js$/);
        expect(page(script).attr('nonce'), id).to.equal('gallery');
        expect(page(script).text(), id).to.equal('');
      });
      expect(html, id).not.to.match(/\son\w+=/);
      // Colours of a preview.
      page('link[href^="/__gallery/look.css"]').remove();
      page('link').each(
        (_, link) => void expect(page(link).attr('href'), id).to.match(/^\/(assets|brand)\//),
      );
    }
  });

  it('carries the token in every form that we check by it', () => {
    for (const { id, html } of states.filter(({ view }) => OWN_FORMS.test(view))) {
      const page = load(html);
      page('form').each((_, form) => {
        expect(page(form).attr('method'), id).to.equal('post');
        expect(page(form).find('[name=_csrf]').attr('value'), id).to.equal('token-of-gallery');
      });
    }
  });

  it('fits one round trip, and two in the console, where a page is a list', () => {
    const budgetOf = ({ view }: RenderedState) => (view.startsWith('admin/') ? 2 : 1) * HTML_BUDGET;
    const tooBig = states.filter((state) => Buffer.byteLength(state.html) > budgetOf(state));
    expect(tooBig.map(({ id, html }) => `${id}: ${Buffer.byteLength(html)}`)).to.deep.equal([]);
  });
});
