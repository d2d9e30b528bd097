import { ERROR_STATUS, type ErrorKind } from '../../src/http/error-kinds.ts';
import { APP, EMAIL, states, TENANT, type GalleryState } from './state.ts';

const provider: GalleryState[] = [
  ...states(
    'sign-out',
    'provider/sign-out.njk',
    { form: { action: '#sign-out', xsrf: 'gallery' } },
    {
      app: { appName: APP },
      plain: { appName: null },
    },
  ),
  ...states(
    'signed-out',
    'provider/signed-out.njk',
    { tenantName: TENANT },
    {
      default: { appName: APP, againHref: '#again' },
      plain: { appName: null, tenantName: null, againHref: null },
      app: { appName: APP, tenantName: null, againHref: '#again' },
      tenant: { appName: null, againHref: null },
    },
  ),
  ...states(
    'carry',
    'provider/carry.njk',
    {},
    {
      default: { action: '#carry', fields: [{ name: 'state', value: 'gallery' }], still: true },
    },
  ),
];

const facts = { reference: 'k7m2x9qd', backHref: null, appName: null, minutes: null, detail: null };

function errorStates(kind: ErrorKind): GalleryState[] {
  const withApp = { ...facts, kind, backHref: '#app', appName: APP, minutes: 4 };
  const detail = 'redirect_uri: http://localhost:3100/callbak is not registered';
  return states(
    `f-${kind}`,
    'errors/page.njk',
    {},
    {
      plain: {
        ...facts,
        kind,
        backHref: ['wrong-address', 'own-method-missing'].includes(kind) ? '#on' : null,
      },
      app: { ...withApp, detail: kind === 'app-request' || kind === 'unknown-app' ? detail : null },
    },
  );
}

const more: GalleryState[] = [
  { id: 'help', view: 'pages/help.njk', data: { contact: null, helpUrl: null } },
  { id: 'privacy', view: 'pages/privacy.njk', data: {} },
  { id: 'mailbox-empty', view: 'dev/mailbox.njk', data: { mails: [] } },
  {
    id: 'mailbox-list',
    view: 'dev/mailbox.njk',
    data: {
      mails: [
        {
          to: EMAIL,
          subject: 'A recovery code was used. 11 left',
          text: 'Hello Ana,\n\nA recovery code was used.',
          iso: '2026-11-24T09:12:00.000Z',
          time: '24 November 2026, 09:12 UTC',
          htmlHref: '#html',
        },
      ],
    },
  },
];

export const otherStates: readonly GalleryState[] = [
  ...provider,
  ...states('f-not-found', 'errors/page.njk', facts, { back: { kind: 'not-found', backHref: '#back' } }),
  ...(Object.keys(ERROR_STATUS) as ErrorKind[]).flatMap(errorStates),
  ...more,
];
