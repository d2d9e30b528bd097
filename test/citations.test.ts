import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';

const ROOT = join(import.meta.dirname, '..');

/** What people read: everything that we write, without what is built or installed. */
const PLACES = ['src', 'test', 'tools', 'views', 'examples', 'docs', 'config', 'README.md', '.env.example'];

/** Documents that are not here: numbered design rules, decisions and pages of a sketch. */
const ELSEWHERE =
  /\b(?:(?:DR|[NVWULMHT])-\d+\b|O-[A-Z]\d|SECURITY (?:[A-Z]+-|decision)|DESIGN \d|STYLE \d|UI I{1,3}\.\d|OIDC\.md)/;

/** The curve is called like a rule of old. */
const withoutCurves = (text: string) => text.replaceAll(/P-(?:256|384|521)/g, '');

function filesOf(path: string): string[] {
  if (!statSync(join(ROOT, path)).isDirectory()) return [path];
  const names = readdirSync(join(ROOT, path)).filter(
    (name) => !['node_modules', 'build', 'target'].includes(name),
  );
  return names.flatMap((name) => filesOf(join(path, name)));
}

describe('citations', () => {
  const files = PLACES.flatMap(filesOf)
    .filter((path) => /\.(ts|js|mjs|cjs|njk|css|md|yaml|java|example)$/.test(path))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
  const rules = readFileSync(join(ROOT, 'docs/rules.md'), 'utf8');
  const named = [...rules.matchAll(/^### (.*)$/gm)].map(([, name]) => name);
  const adrs = readdirSync(join(ROOT, 'docs/adr'));

  /** Every match of `pattern`, one group, with the file it is in. */
  function cited(pattern: RegExp): { path: string; what: string }[] {
    return files.flatMap(({ path, text }) =>
      [...text.matchAll(pattern)].map(([, what = '']) => ({ path, what })),
    );
  }

  it('name no document that is not here', () => {
    const lines = files.flatMap(({ path, text }) =>
      withoutCurves(text)
        .split('\n')
        .filter((line) => ELSEWHERE.test(line))
        .map((line) => `${path}: ${line.trim()}`),
    );
    expect(lines).to.deep.equal([]);
  });

  it('of a rule find it, and every rule is cited', () => {
    const all = cited(/\brule(?:\s+(?:\*|\/\/))?\s+([a-z]+(?:-[a-z]+)*)(?=[,;)])/g);
    expect(all.filter(({ what }) => !named.includes(what))).to.deep.equal([]);
    const kept = new Set(all.filter(({ path }) => path.startsWith('src/')).map(({ what }) => what));
    expect(named.filter((name) => name === undefined || !kept.has(name))).to.deep.equal([]);
  });

  it('of a decision find it, and no number is left out', () => {
    const nobody = cited(/\bADR (\d+)/g).filter(
      ({ what }) => !adrs.some((name) => name.startsWith(`${what.padStart(4, '0')}-`)),
    );
    expect(nobody).to.deep.equal([]);
    expect(adrs.map((name) => Number.parseInt(name, 10))).to.deep.equal(adrs.map((_, index) => index + 1));
  });

  it('of a document find it', () => {
    const links = cited(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)
      .filter(({ path }) => path.endsWith('.md'))
      .map(({ path, what }) => ({ path, what: join(dirname(path), what) }));
    const paths = cited(/\b(docs\/[\w./-]*\w)/g).filter(({ path }) => path !== 'test/citations.test.ts');
    const dead = [...links, ...paths].filter(({ what }) => !existsSync(join(ROOT, what)));
    expect(dead).to.deep.equal([]);
  });

  it('of a file find it, where documents tell how things are and not how they were decided', () => {
    const kept = files.map(({ path }) => `/${path}`);
    const dead = cited(/`([\w/-][\w./-]*\.(?:ts|njk|yaml))`/g)
      .filter(({ path }) => path === 'README.md' || /^docs\/[^/]+\.md$/.test(path))
      .filter(({ what }) => !kept.some((path) => path.endsWith(`/${what}`)));
    expect(dead).to.deep.equal([]);
  });
});
