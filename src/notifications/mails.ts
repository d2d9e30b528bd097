import { mailBody, type Content, type Frame } from './mail-body.ts';
import type { MailTexts } from './mail-texts.ts';
import type { Addressee, Mail, MailKind, RenderedMail } from './mail.ts';

/** Formats of one zone. Making them costs a hundred times what using them does; there are some 400 zones. */
const formats = new Map<string, { day: Intl.DateTimeFormat; time: Intl.DateTimeFormat }>();

/** @throws RangeError on an unknown zone */
function formatsOf(timeZone: string) {
  const known = formats.get(timeZone);
  if (known) return known;
  const time = { hour: '2-digit', minute: '2-digit', timeZoneName: 'short', timeZone } as const;
  const made = {
    day: new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone }),
    time: new Intl.DateTimeFormat('en-GB', time),
  };
  formats.set(timeZone, made);
  return made;
}

/** @returns such as "24 November 2026, 09:12 WET"; an unknown zone counts as UTC */
export function formatMoment(at: Date, zone: string | null): string {
  const format = (timeZone: string) => {
    const { day, time } = formatsOf(timeZone);
    return `${day.format(at)}, ${time.format(at)}`;
  };
  try {
    return format(zone ?? 'UTC');
  } catch {
    return format('UTC');
  }
}

/** What stands in the mail besides its frame. */
function contentOf(mail: Mail, to: Addressee, t: MailTexts): Content {
  const tenant = to.tenantName;
  const say = (part: string, values = {}) => t(`${mail.kind}.${part}`, { tenant, ...values });
  const plain = (values = {}, more: string[] = []): Content => ({
    subject: say('subject', values),
    paragraphs: [say('lead', values), ...more],
  });
  const linked = (path: string, values = {}, more: string[] = []): Content => ({
    ...plain(values, more),
    path,
  });

  switch (mail.kind) {
    case 'method-added':
    case 'method-removed':
      return { ...plain({ aMethod: t(`methods.${mail.method}.aMethod`) }), thing: mail.name };
    case 'method-renamed':
      return {
        ...plain({ aMethod: t(`methods.${mail.method}.aMethod`), oldName: mail.oldName }),
        thing: mail.name,
      };
    case 'two-factor-off':
    case 'recovery-codes-made':
    case 'rescue-code-used':
    case 'password-changed':
    case 'not-me':
    case 'reset-done':
      return plain();
    case 'recovery-code-used': {
      const part = mail.codesLeft === 0 ? 'none' : mail.codesLeft <= 3 ? 'low' : null;
      return plain({ count: mail.codesLeft }, [...(part ? [say(part)] : []), say('more')]);
    }
    case 'rescue-code-given':
      return plain({ until: formatMoment(mail.until, to.zone) });
    case 'second-step-refused':
      return linked('/password/forgot', { count: mail.times }, [say('more')]);
    case 'new-browser':
      return plain({ device: mail.device ?? t('frame.unknownDevice').toLowerCase() });
    case 'possible-copy':
      return { ...plain({ name: mail.name }, [say('more')]), thing: mail.name };
    case 'reset-asked': {
      const at = mail.effectiveAt && formatMoment(mail.effectiveAt, to.zone);
      return linked(mail.cancelPath, {}, [at ? say('at', { at }) : say('approval'), say('cancel')]);
    }
    case 'password-reset':
      return linked(mail.path, { count: mail.minutes }, [say('more')]);
    case 'confirm-browser':
      return linked(mail.path, { count: mail.minutes });
    case 'invitation':
      return linked(mail.path, { count: mail.days });
    case 'enrolment-code':
      return plain({ code: mail.code, count: mail.minutes }, [say('more', { count: mail.minutes })]);
    case 'policy-announced': {
      const date = mail.from && formatMoment(mail.from, to.zone);
      const subject = date ? say('subject', { date }) : say('subjectNow');
      return { subject, paragraphs: [say('lead'), say('more')] };
    }
  }
}

/** Mails about what people in charge did: a new password would not help. After all others it might. */
const FROM_ABOVE: ReadonlySet<MailKind> = new Set<MailKind>([
  'invitation',
  'policy-announced',
  'rescue-code-given',
  'reset-done',
]);

/**
 * Puts a mail into words.
 * @param origin our own origin, from the settings: base of the one link, never taken from a request (rule own-address)
 */
export function renderMail(mail: Mail, to: Addressee, origin: URL, t: MailTexts): RenderedMail {
  const frame: Frame = {
    to,
    origin,
    warning: FROM_ABOVE.has(mail.kind) ? 'notYouAdmin' : 'notYou',
    when: 'at' in mail ? formatMoment(mail.at, to.zone) : null,
    where: 'at' in mail ? (mail.device ?? t('frame.unknownDevice')) : null,
  };
  return mailBody(contentOf(mail, to, t), frame, t);
}
