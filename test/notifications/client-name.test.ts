import { expect } from 'chai';
import { clientName } from '../../src/notifications/client-name.ts';

describe('the name of a browser', () => {
  const cases: readonly (readonly [string, string | null])[] = [
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
      'Chrome on Windows',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1',
      'Safari on iOS',
    ],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
    ['curl/8.5.0', null],
    ['', null],
  ];
  for (const [userAgent, name] of cases) {
    it(`is ${name ?? 'unknown'} for ${userAgent.slice(0, 40) || 'nothing'}`, () => {
      expect(clientName(userAgent)).to.equal(name);
    });
  }

  it('never repeats words that somebody wrote into the header', () => {
    expect(clientName('YourBank/1.0 (call 555-0100 now)')).to.equal(null);
    expect(clientName('<script>alert(1)</script>/2')).to.equal(null);
  });

  it('is looked for in a header of any length', () => {
    expect(clientName('Mozilla/5.0 ('.repeat(100_000))).to.equal(null);
  });
});
