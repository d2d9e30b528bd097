import { expect } from 'chai';
import { type Pages, startPages } from '../support/pages.ts';

describe('well-known addresses', () => {
  let pages: Pages;
  before(async () => void (pages = await startPages()));
  after(() => pages.close());

  it('tell where to report a weakness, for less than a year', async () => {
    const answer = await fetch(`${pages.origin}/.well-known/security.txt`);
    expect(answer.headers.get('content-type')).to.equal('text/plain; charset=utf-8');
    const text = await answer.text();
    expect(text).to.match(/^Contact: mailto:security@localhost$/m);
    expect(text).to.match(/^Expires: 2027-05-23T00:00:00\.000Z$/m);
    expect(text).to.include(`Canonical: ${pages.origin}/.well-known/security.txt`);
  });

  it('lead password managers to the page that changes one, which is not here itself', async () => {
    const answer = await fetch(`${pages.origin}/.well-known/change-password`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).to.deep.equal([
      303,
      '/account/security/password',
    ]);
  });
});
