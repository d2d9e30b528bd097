import { expect } from 'chai';
import { drawLogo } from '../../src/tenants/logo.ts';

const SVG = 'http://www.w3.org/2000/svg';
const svg = (inside: string, root = 'viewBox="0 0 40 20"') => `<svg xmlns="${SVG}" ${root}>${inside}</svg>`;

function draw(text: string | Buffer): string {
  const verdict = drawLogo(Buffer.from(text as string));
  if (verdict.ok) return verdict.picture.bytes.toString();
  return [verdict.reason, ...('name' in verdict ? [verdict.part, verdict.name] : [])].join(' ');
}

/** Ten levels of ten uses each: ten thousand million circles. */
const useBomb = (): string => {
  const levels = Array.from({ length: 10 }, (_, i) => {
    return `<g id="l${i + 1}">${`<use href="#l${i}"/>`.repeat(10)}</g>`;
  });
  return svg(`<defs><circle id="l0" r="1"/>${levels.join('')}</defs><use href="#l10"/>`);
};
/** A path of 2,000 lines, drawn 1,600 times: three million lines in 12 kB. */
const lineBomb = (): string => {
  const path = `<path id="p" d="M0 0${'l1 1'.repeat(2000)}"/>`;
  const uses = (id: string) => `<use href="#${id}"/>`.repeat(40);
  return svg(`<defs>${path}<g id="g">${uses('p')}</g></defs>${uses('g')}`);
};
const laughs = `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>${svg('<title>&b;</title>')}`;

/** What is given, and what is said. */
const HOSTILE: Readonly<Record<string, readonly [string | Buffer, string]>> = {
  'a script': [svg('<script>alert(1)</script>'), 'unsafe element script'],
  'a script from elsewhere': [svg('<script href="https://evil.example/x.js"/>'), 'unsafe element script'],
  'a script with a prefix': [
    svg('<x:script>1</x:script>', `viewBox="0 0 4 2" xmlns:x="${SVG}"`),
    'unsafe element x:script',
  ],
  'a script of XHTML': [
    svg('<script xmlns="http://www.w3.org/1999/xhtml">1</script>'),
    'unsafe element script',
  ],
  'a script inside a title': [svg('<title><script>1</script></title>'), 'unsafe element script'],
  'a handler on the root': [svg('', 'viewBox="0 0 4 2" onload="alert(1)"'), 'unsafe attribute onload'],
  'a handler in odd letters': [svg('<rect ONCLICK="alert(1)"/>'), 'unsafe attribute ONCLICK'],
  'a handler with a prefix': [
    svg('<rect s:onload="1"/>', `viewBox="0 0 4 2" xmlns:s="${SVG}"`),
    'unsafe attribute s:onload',
  ],
  'a handler inside a title': [svg('<title onload="1"/>'), 'unsafe attribute onload'],
  foreignObject: [
    svg('<foreignObject><p xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>'),
    'unsafe element foreignObject',
  ],
  'a picture inside': [svg('<image href="data:image/png;base64,AAAA"/>'), 'unsafe element image'],
  'a link': [svg('<a href="javascript:alert(1)"><rect/></a>'), 'unsafe element a'],
  'use of another file': [svg('<use href="https://evil.example/x.svg#a"/>'), 'unsafe value href'],
  'use of a file of this host': [svg('<use href="/account#a"/>'), 'unsafe value href'],
  'use of data': [svg('<use href="data:image/svg+xml;base64,AAAA#a"/>'), 'unsafe value href'],
  'use by xlink': [
    svg(
      '<use xlink:href="//evil.example/#a"/>',
      'viewBox="0 0 4 2" xmlns:xlink="http://www.w3.org/1999/xlink"',
    ),
    'unsafe value href',
  ],
  'use by a prefix that looks like xlink': [
    svg('<use xlink:href="#a"/>', 'viewBox="0 0 4 2" xmlns:xlink="http://evil.example"'),
    'unsafe attribute xlink:href',
  ],
  'javascript in hidden letters': [svg('<use href="java&#115;cript&#58;alert(1)"/>'), 'unsafe value href'],
  'an animation of href': [
    svg('<use href="#a"><animate attributeName="href" to="javascript:1"/></use>'),
    'unsafe element animate',
  ],
  'a set on href': [
    svg('<use href="#a"><set attributeName="href" to="https://evil.example/"/></use>'),
    'unsafe element set',
  ],
  'rules of style': [svg('<style>@import url(https://evil.example/x.css);</style>'), 'unsafe element style'],
  'a fill from elsewhere': [svg('<rect fill="url(https://evil.example/#a)"/>'), 'unsafe value fill'],
  'a fill from elsewhere in a style': [
    svg('<rect style="fill: url(//evil.example/x#a)"/>'),
    'unsafe value fill',
  ],
  'a fill in escaped letters': [
    svg('<rect style="fill:\\75rl(https://evil.example)"/>'),
    'unsafe value fill',
  ],
  'a second fill behind the first': [
    svg('<rect fill="url(#a) url(https://evil.example)"/>'),
    'unsafe value fill',
  ],
  'a behaviour in a style': [svg('<rect style="behavior:url(#default)"/>'), 'unsafe attribute behavior'],
  'a comment inside a style': [svg('<rect style="fill:/**/red"/>'), 'unsafe value fill'],
  'a filter': [
    svg('<filter id="f"><feImage href="https://evil.example/x.png"/></filter>'),
    'unsafe element filter',
  ],
  'a pattern': [svg('<pattern id="p"/>'), 'unsafe element pattern'],
  text: [svg('<text>Northwind</text>'), 'unsafe element text'],
  'another svg inside': [svg(svg('<rect/>')), 'unsafe element svg'],
  'a switch': [svg('<switch><g systemLanguage="en"/></switch>'), 'unsafe element switch'],
  'a base': [svg('<g xml:base="https://evil.example/"><use href="#a"/></g>'), 'unsafe attribute xml:base'],
  'an entity': [
    `<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>${svg('<title>&x;</title>')}`,
    'unsafe declaration DOCTYPE',
  ],
  'a thousand million laughs': [laughs, 'unsafe declaration DOCTYPE'],
  'a plain doctype': [
    `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/x.dtd">${svg('')}`,
    'unsafe declaration DOCTYPE',
  ],
  'an entity without a doctype': [svg('<title>&x;</title>'), 'damaged'],
  'a stylesheet': [
    `<?xml-stylesheet href="https://evil.example/x.css"?>${svg('')}`,
    'unsafe declaration ?xml-stylesheet',
  ],
  'another encoding': [`<?xml version="1.0" encoding="utf-7"?>${svg('')}`, 'unsafe declaration encoding'],
  'UTF-16': [Buffer.from(`\ufeff${svg('<script/>')}`, 'utf16le'), 'not-an-image'],
  'an id that leaves its attribute': [svg('<g id="a&quot; onload=&quot;1"/>'), 'unsafe value id'],
  'the same id twice': [svg('<g id="a"/><g id="a"/>'), 'unsafe value id'],
  'uses of uses': [useBomb(), 'too-detailed'],
  'uses of a long path': [lineBomb(), 'too-detailed'],
  'a use of itself': [svg('<g id="a"><use href="#a"/></g>'), 'too-detailed'],
  'a mask of itself': [svg('<mask id="m"><rect mask="url(#m)"/></mask>'), 'too-detailed'],
  'a deep nest': [svg('<g>'.repeat(40) + '</g>'.repeat(40)), 'too-detailed'],
  'a page': ['<!doctype html><html><svg/></html>', 'not-an-image'],
  'a page of XHTML': ['<html xmlns="http://www.w3.org/1999/xhtml"/>', 'not-an-image'],
  'SVG by name only': ['<svg viewBox="0 0 4 2"/>', 'not-an-image'],
  'two roots': [svg('') + svg('<script/>'), 'damaged'],
  'words behind it': [`${svg('')}<?php system(1) ?>`, 'unsafe declaration ?php'],
  'half a file': [svg('<rect width="4"/>').slice(0, -8), 'damaged'],
  nothing: ['', 'not-an-image'],
  'a GIF': [Buffer.from('GIF89a\x01\x00'), 'not-an-image'],
  'no size': [svg('', 'width="100%"'), 'no-size'],
  'no height': [svg('', 'viewBox="0 0 4 0"'), 'no-size'],
  'a long line': [svg('', 'viewBox="0 0 900 100"'), 'too-long'],
  'too many bytes': [svg(`<path d="${'M0 0 '.repeat(4100)}"/>`), 'too-large'],
};

describe('an SVG logo', () => {
  for (const [what, [given, said]] of Object.entries(HOSTILE)) {
    it(`is refused with ${what}`, () => expect(draw(given)).to.equal(said));
  }

  it('is written anew, with nothing but what can be seen', () => {
    const given = `\ufeff<?xml version="1.0" encoding="UTF-8"?>
      <!-- made by hand --><svg:svg xmlns:svg="${SVG}" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1"
        id="Layer_1" class="x" x="0px" y="0px" viewBox="0 0 40 20" style="enable-background:new 0 0 40 20;" fill='none'>
        <svg:title>Northwind</svg:title><![CDATA[<script>]]>words
        <svg:defs><svg:linearGradient id="a"><svg:stop offset="5%" stop-color="#f00"/></svg:linearGradient></svg:defs>
        <svg:path data-name="x" style="fill: url('#a'); stroke:rgb(1, 2, 3)" fill="red" d="M0,0L1e1-2z"/>
        <svg:use xlink:href="#a" transform="translate(1 2) scale(.5)"/></svg:svg>`;
    expect(draw(given)).to.equal(
      `<svg xmlns="${SVG}" viewBox="0 0 40 20" width="128" height="64" id="Layer_1" fill="none">` +
        '<defs><linearGradient id="a"><stop offset="5%" stop-color="#f00"></stop></linearGradient></defs>' +
        '<path fill="url(#a)" d="M0,0L1e1-2z" stroke="rgb(1, 2, 3)"></path>' +
        '<use href="#a" transform="translate(1 2) scale(.5)"></use></svg>',
    );
  });

  it('is the same when what was written is given again', () => {
    const once = draw(svg('<g fill="#123456"><circle cx="5" cy="5" r="4"/></g>', 'width="40px" height="20"'));
    expect(once).to.match(/^<svg .*viewBox="0 0 40 20"/);
    expect(draw(once)).to.equal(once);
  });

  it('tells no more of a word than 40 characters', () => {
    expect(draw(svg(`<${'x'.repeat(300)}/>`))).to.equal(`unsafe element ${'x'.repeat(40)}`);
  });
});
