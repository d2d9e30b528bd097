import { expect } from 'chai';
import { apiEndpoints } from '../../src/api/wiring.ts';
import { addressOf, API_ROOT } from '../../src/api/openapi.ts';
import { CONSOLE_CALLBACK } from '../../src/provider/own-client.ts';
import { startIdp, type Idp } from '../support/idp.ts';
import { mountedRoutes } from '../support/mounted.ts';

/** A page that is there for people alone, and why programs need nothing like it. */
interface PageOnly {
  readonly page: string;
}
const QUESTION: PageOnly = { page: 'the question before the form of the same address' };
const FORM: PageOnly = { page: 'an empty form' };
const PICTURE: PageOnly = { page: 'colours of a picture of the sign-in page' };
/** It is kept for a browser, which does not send a file twice, and changes nothing. */
const DRAFT: PageOnly = { page: 'what somebody is about to save' };

/** By page of the console: the endpoints that tell or do the same. A page without a row is a gap in the API. */
const ROWS: Readonly<Record<string, readonly string[] | PageOnly>> = {
  'get /admin': ['get /tenants/:slug'],
  'get /admin/tenants': ['get /tenants'],

  'get /admin/agents': ['get /tenants/:slug/agents'],
  'get /admin/agents.csv': ['get /tenants/:slug/agents'],
  'get /admin/agents/import': FORM,
  // What the console keeps between two pages, a program keeps itself: it sends the list twice, first as a dry run.
  'post /admin/agents/import': ['post /tenants/:slug/agents/imports'],
  'get /admin/agents/import/:import': ['get /tenants/:slug/agents/imports/:import'],
  'post /admin/agents/import/:import': ['post /tenants/:slug/agents/imports'],
  'get /admin/agents/invite': FORM,
  'post /admin/agents/invite': ['post /tenants/:slug/agents'],
  'get /admin/agents/:agent/invitation': ['get /tenants/:slug/agents/:agent'],
  'post /admin/agents/:agent/invitation/send-again': [
    'post /tenants/:slug/agents/:agent/invitation/send-again',
  ],
  'post /admin/agents/:agent/invitation/withdraw': ['post /tenants/:slug/agents/:agent/invitation/withdraw'],

  'get /admin/agents/:agent': [
    'get /tenants/:slug/agents/:agent',
    'get /tenants/:slug/agents/:agent/methods',
    'get /tenants/:slug/agents/:agent/sessions',
    'get /tenants/:slug/agents/:agent/activity',
  ],
  'post /admin/agents/:agent/sessions/:session/end': [
    'post /tenants/:slug/agents/:agent/sessions/:session/end',
  ],
  'get /admin/agents/:agent/sign-out': QUESTION,
  'post /admin/agents/:agent/sign-out': ['post /tenants/:slug/agents/:agent/sign-out'],
  'get /admin/agents/:agent/disable': QUESTION,
  'post /admin/agents/:agent/disable': ['patch /tenants/:slug/agents/:agent'],
  'get /admin/agents/:agent/enable': QUESTION,
  'post /admin/agents/:agent/enable': ['patch /tenants/:slug/agents/:agent'],
  'get /admin/agents/:agent/roles': QUESTION,
  'post /admin/agents/:agent/roles': ['patch /tenants/:slug/agents/:agent'],
  'get /admin/agents/:agent/reset': QUESTION,
  'post /admin/agents/:agent/reset': ['post /tenants/:slug/agents/:agent/two-factor-resets'],
  'get /admin/agents/:agent/resets/:reset': ['get /tenants/:slug/agents/:agent/two-factor-resets/:reset'],
  'post /admin/agents/:agent/resets/:reset/approve': [
    'post /tenants/:slug/agents/:agent/two-factor-resets/:reset/approve',
  ],
  'post /admin/agents/:agent/resets/:reset/cancel': [
    'post /tenants/:slug/agents/:agent/two-factor-resets/:reset/cancel',
  ],
  'get /admin/agents/:agent/rescue-code': QUESTION,
  'post /admin/agents/:agent/rescue-code': ['post /tenants/:slug/agents/:agent/rescue-codes'],

  'get /admin/selected-agents/sign-out': QUESTION,
  'post /admin/selected-agents/sign-out': ['post /tenants/:slug/agents/bulk'],
  'get /admin/selected-agents/disable': QUESTION,
  'post /admin/selected-agents/disable': ['post /tenants/:slug/agents/bulk'],
  'get /admin/selected-agents/enable': QUESTION,
  'post /admin/selected-agents/enable': ['post /tenants/:slug/agents/bulk'],
  'get /admin/selected-agents/reset': QUESTION,
  'post /admin/selected-agents/reset': ['post /tenants/:slug/agents/bulk'],
  // Everybody of a list: a program goes through the pages of the list itself, and is told of each at once.
  'get /admin/selected-agents/runs/:run': ['post /tenants/:slug/agents/bulk'],

  'get /admin/policy': ['get /tenants/:slug/policy', 'post /tenants/:slug/policy/preview'],
  'get /admin/policy/review': ['post /tenants/:slug/policy/preview'],
  'post /admin/policy': ['put /tenants/:slug/policy'],
  'get /admin/policy/methods': ['get /tenants/:slug/policy'],
  'post /admin/policy/methods/review': ['post /tenants/:slug/policy/preview'],
  'post /admin/policy/methods': ['put /tenants/:slug/policy'],
  'get /admin/policy/email': QUESTION,
  'post /admin/policy/email': ['post /tenants/:slug/policy/announcements'],

  'get /admin/settings': ['get /tenants/:slug/settings'],
  'post /admin/settings': ['put /tenants/:slug/settings', 'put /tenants/:slug/settings/logo'],
  'get /admin/settings/look.css': PICTURE,
  'post /admin/settings/preview': DRAFT,
  'get /admin/settings/drafts/:draft': DRAFT,
  'get /admin/settings/drafts/:draft/logo': DRAFT,

  'get /admin/audit-log': ['get /tenants/:slug/audit-events'],
  'get /admin/audit-log.csv': ['get /tenants/:slug/audit-events'],
  'get /admin/audit-log.ndjson': ['get /tenants/:slug/audit-events'],
  'get /admin/audit-log/:seq': ['get /tenants/:slug/audit-events/:seq'],
  'post /admin/audit-log/check': ['post /tenants/:slug/audit-events/check'],
};

describe('the API beside the console', () => {
  let idp: Idp;
  before(async () => void (idp = await startIdp()));
  after(() => idp.close());

  const pages = () =>
    mountedRoutes(idp, '/admin')
      .filter(({ path }) => path !== CONSOLE_CALLBACK)
      .map(({ method, path }) => `${method} ${path}`);
  const pageOnly = (row: (typeof ROWS)[string] | undefined): row is PageOnly =>
    row !== undefined && 'page' in row;

  it('has a row for every page and form of the console, and no row of one that is gone', () => {
    expect(pages().sort()).to.deep.equal(Object.keys(ROWS).sort());
  });

  it('does what every form does, and tells what every page tells that is more than a question', () => {
    const { stores, admin } = idp.app;
    const there = apiEndpoints({ stores, admin }).map(
      (one) => `${one.method} ${addressOf(one).slice(API_ROOT.length)}`,
    );
    for (const [page, row] of Object.entries(ROWS)) {
      if (pageOnly(row) && row !== DRAFT) expect(page, row.page).to.match(/^get /);
      if (row === QUESTION) expect(ROWS).to.have.property(page.replace(/^get /, 'post '));
      if (!pageOnly(row)) expect(there, page).to.include.members([...row]);
      // A form that changes something is not answered by an endpoint that only reads.
      if (page.startsWith('post ') && !pageOnly(row)) expect(row.join(), page).not.to.match(/\bget /);
    }
  });
});
