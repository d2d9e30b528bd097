import { expect } from 'chai';
import { startIdp, type Idp } from '../support/idp.ts';

describe('the parameters of an address', () => {
  let idp: Idp;
  before(async () => void (idp = await startIdp()));
  after(() => idp.close());

  const answerOf = async (path: string) => {
    const { status, headers } = await fetch(`${idp.base}${path}`, { redirect: 'manual' });
    return [status, headers.get('location')] as const;
  };

  it('are taken up to 2 kB each, encoded as they come', async () => {
    expect(await answerOf(`/help?x=${'a'.repeat(2048)}`)).to.deep.equal([200, null]);
    expect(await answerOf(`/help?x=${'a'.repeat(2000)}&y=${'a'.repeat(2000)}`)).to.deep.equal([200, null]);
    expect(await answerOf(`/help?x=${'a'.repeat(2049)}`)).to.deep.equal([400, null]);
    expect(await answerOf(`/help?x=${'%61'.repeat(683)}`)).to.deep.equal([400, null]);
    expect(await answerOf(`/help?${'a'.repeat(2100)}&x`)).to.deep.equal([200, null]);
  });

  it('of an authorization request are refused without a redirect', async () => {
    const asked = '/authorize?client_id=desk&response_type=code&scope=openid&code_challenge_method=S256';
    const challenge = `code_challenge=${'a'.repeat(43)}&redirect_uri=https%3A%2F%2Fdesk.example%2Fcallback`;
    const withState = (length: number) => answerOf(`${asked}&${challenge}&state=${'a'.repeat(length)}`);
    expect((await withState(2048))[0]).to.equal(303);
    expect(await withState(2049)).to.deep.equal([400, null]);
  });

  it('that are signed or nested may be longer', async () => {
    const [status, location] = await answerOf(`/logout?id_token_hint=${'a'.repeat(3000)}`);
    expect([status, location], 'refused as a hint, by its own page').to.deep.equal([400, null]);
    expect(await answerOf(`/help?claims=${'a'.repeat(3000)}`)).to.deep.equal([200, null]);
  });
});
