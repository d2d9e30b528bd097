import type { MailTexts } from './mail-texts.ts';
import type { Addressee, RenderedMail } from './mail.ts';

/** What one kind of mail says. */
export interface Content {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  /** Name of the key or app that it is about. */
  readonly thing?: string;
  /** The one address to open, within our origin. */
  readonly path?: string;
}

/** What every mail has around it. */
export interface Frame {
  readonly to: Addressee;
  readonly origin: URL;
  readonly warning: 'notYou' | 'notYouAdmin';
  readonly when: string | null;
  readonly where: string | null;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (symbol) => ESCAPES[symbol] ?? symbol);
}

/** One line, without control characters: names are typed by people and may try to start a header or a new line. */
const oneLine = (text: string) => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

type Facts = readonly (readonly [label: string, value: string])[];

function factsOf(content: Content, frame: Frame, t: MailTexts): Facts {
  const rows: [string, string | null | undefined][] = [
    [t('frame.who'), frame.to.email],
    [t('frame.name'), content.thing],
    [t('frame.when'), frame.when],
    [t('frame.where'), frame.where],
  ];
  return rows.flatMap(([label, value]) => (value ? [[label, oneLine(value)] as const] : []));
}

/** Text and HTML of one mail: the same words in the same order, no image, no colour, one link at most. */
export function mailBody(content: Content, frame: Frame, t: MailTexts): RenderedMail {
  const { to, origin } = frame;
  const values = {
    host: origin.host,
    contact: oneLine(to.contact ?? t('frame.defaultContact')),
    tenant: to.tenantName,
  };
  const subject = oneLine(content.subject);
  const greeting = t('frame.greeting', { name: oneLine(to.name) });
  const paragraphs = content.paragraphs.map(oneLine);
  const facts = factsOf(content, frame, t);
  const link = content.path === undefined ? null : new URL(content.path, origin).href;
  const closing = [t(`frame.${frame.warning}`, values), t('frame.footer', values)].map(oneLine);

  const text = [
    greeting,
    ...paragraphs,
    ...(link ? [`${t('frame.open')}\n${link}`] : []),
    facts.map(([label, value]) => `${label}: ${value}`).join('\n'),
    ...closing,
  ].join('\n\n');

  return {
    subject,
    text: `${text}\n`,
    html: page({ subject, greeting, paragraphs, facts, link, closing }, t),
  };
}

interface Page {
  readonly subject: string;
  readonly greeting: string;
  readonly paragraphs: readonly string[];
  readonly facts: Facts;
  readonly link: string | null;
  readonly closing: readonly string[];
}

function page({ subject, greeting, paragraphs, facts, link, closing }: Page, t: MailTexts): string {
  const e = escapeHtml;
  const p = (text: string) => `<p>${e(text)}</p>`;
  const rows = facts.map(
    ([label, value]) =>
      `<tr><th scope="row" style="text-align:start;padding:4px 16px 4px 0;font-weight:normal">${e(label)}</th>` +
      `<td style="padding:4px 0"><bdi>${e(value)}</bdi></td></tr>`,
  );
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">',
    `<meta name="viewport" content="width=device-width"><title>${e(subject)}</title></head>`,
    '<body style="margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif">',
    '<div style="max-width:600px;margin:0 auto">',
    `<h1 style="font-size:20px;line-height:1.3">${e(subject)}</h1>`,
    p(greeting),
    ...paragraphs.map(p),
    ...(link ? [`<p>${e(t('frame.open'))}<br><a href="${e(link)}">${e(link)}</a></p>`] : []),
    `<table style="border:1px solid;border-radius:8px;padding:8px 16px;width:100%">${rows.join('')}</table>`,
    ...closing.map(p),
    '</div></body></html>',
    '',
  ].join('\n');
}
