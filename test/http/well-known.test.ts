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
    expect(text).to.match(/^Contact: mailto:security@id\.example$/m);
    expect(text).to.match(/^Expires: 2027-05-23T00:00:00\.000Z$/m);
    expect(text).to.include(`Canonical: ${pages.origin}/.well-known/security.txt`);
  });

  it('lead password managers to a page that is there', async () => {
    const answer = await fetch(`${pages.origin}/.well-known/change-password`, { redirect: 'manual' });
    expect(answer.status).to.equal(303);
    const target = new URL(answer.headers.get('location') ?? '', pages.origin);
    expect((await fetch(target)).status).to.equal(200);
  });
});
