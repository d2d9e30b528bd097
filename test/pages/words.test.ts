import { join } from 'node:path';
import { expect } from 'chai';
import { load } from 'cheerio';
import { loadAssets } from '../../src/http/assets.ts';
import { galleryStates } from '../gallery/gallery.ts';
import { createRenderer } from '../../src/http/render.ts';
import { readTexts, type Texts } from '../../src/http/texts.ts';
import { buildAssets } from '../../tools/build-assets.ts';
import { VIEWS } from '../support/pages.ts';
import { renderGallery } from './rendered.ts';

/** Never on a page for agents. In quotes stands what people search for. */
const BANNED =
  /\b(otp|totp|webauthn|fido|u2f|credentials?|assertion|enroll?(ed|ment)?|invalid|illegal|failed|errors?|sessions?|tokens?|please|sorry|oops)\b|!|\bauthenticator(?! app|”)|(?<!two-)\bfactor\b/i;

/** Words a sentence may have. */
const LONGEST_SENTENCE = 24;

/** Every text under its key. */
function flat(texts: Texts, prefix = ''): [string, string][] {
  return Object.entries(texts).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' ? [[prefix + name, value]] : flat(value, `${prefix}${name}.`),
  );
}

const withoutParts = (text: string) => text.replaceAll(/<\/?\w+>/g, '');

/** The same keys, each saying its own name: what a page shows of it was asked for. */
function named(texts: Texts, prefix = ''): Texts {
  return Object.fromEntries(
    Object.entries(texts).map(([name, value]) => [
      name,
      typeof value === 'string' ? `[[${prefix}${name}]]` : named(value, `${prefix}${name}.`),
    ]),
  );
}

describe('the words', () => {
  const texts = readTexts(VIEWS, 'en');
  const all = flat(texts);

  it('hold none that scares, blames or talks of technology', () => {
    const spoken = all.filter(([key]) => key !== 'shared.errorPrefix');
    expect(spoken.filter(([, text]) => BANNED.test(withoutParts(text)))).to.deep.equal([]);
  });

  it('come in short sentences', () => {
    const long = all.flatMap(([key, text]) =>
      withoutParts(text)
        .split(/[.?:]\s/)
        .filter((sentence) => sentence.trim().split(/\s+/).length > LONGEST_SENTENCE)
        .map((sentence) => `${key}: ${sentence}`),
    );
    expect(long).to.deep.equal([]);
  });

  it('have keys that say what they are, and so have the states of the gallery', () => {
    const numbered = /(^|\.)[a-z]{1,2}\d+([.-]|$)/;
    const ids = galleryStates.map(({ id }) => id);
    expect([...all.map(([key]) => key), ...ids].filter((name) => numbered.test(name))).to.deep.equal([]);
    expect(ids).to.have.length(new Set(ids).size);
  });

  it('have both forms where they have a number', () => {
    const keys = new Set(all.map(([key]) => key));
    for (const key of keys) {
      if (key.endsWith('_one')) expect(keys, key).to.include(key.replace(/_one$/, '_other'));
      if (key.endsWith('_other')) expect(keys, key).to.include(key.replace(/_other$/, '_one'));
    }
  });

  it('are all shown by some state of the gallery, and no page shows others', async () => {
    const assets = loadAssets(await buildAssets());
    const renderer = createRenderer({ viewsDir: VIEWS, assets, csrfToken: () => 'x', texts: named(texts) });
    const states = await renderGallery(renderer);
    const html = states.map((state) => state.html).join('\n');
    const shown = (key: string) => html.includes(`[[${key}]]`);
    // One form of a number stands for both.
    const forms = (key: string) => ['_one', '_other'].map((form) => key.replace(/_(one|other)$/, form));
    const unused = all.map(([key]) => key).filter((key) => !shown(key) && !forms(key).some(shown));
    // The index of the gallery is not a state of it.
    expect(unused.filter((key) => !key.startsWith('gallery.'))).to.deep.equal([]);

    for (const state of states.filter(({ id }) => !/^(components|mailbox)/.test(id))) {
      const page = load(state.html);
      page('script').remove();
      // What tenants write, in whatever direction.
      page('p[dir=auto]').remove();
      // Names of people and of their company, moments, and values of the log as they are.
      page('body.admin')
        .find('#team option, .topbar, th[scope=row], td bdi, dd bdi, .screen [dir], time, code, textarea')
        .remove();
      const own = page('body')
        .text()
        .replaceAll(/\[\[[^\]]*\]\]/g, ' ');
      const words = own.match(/[A-Za-z]{3,}/g) ?? [];
      // The tenant, the person and what an app wrote for developers are data.
      const data = new Set(['Northwind', 'Support', 'Claims', ...(/@|redirect/.test(own) ? words : [])]);
      expect(
        words.filter((word) => !data.has(word)),
        state.id,
      ).to.deep.equal([]);
    }
  });

  it('are read from views alone: scripts take theirs from the page', async () => {
    const { readdir, readFile } = await import('node:fs/promises');
    for (const name of (await readdir(join(VIEWS, 'assets'), { recursive: true })).filter((one) =>
      /^(?!build).*\.js$/.test(one),
    )) {
      const source = await readFile(join(VIEWS, 'assets', name), 'utf8');
      const code = source.replaceAll(/\/\/.*$|\/\*[^]*?\*\//gm, '');
      expect(code.match(/(['"`])[A-Z][a-z]+ [a-z][^'"`]*\1/g) ?? [], name).to.deep.equal([]);
    }
  });
});
