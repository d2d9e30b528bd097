import { expect } from 'chai';
import { modelName } from '../../src/second-factor/security-key/model-names.ts';

describe('the name of a model of security key', () => {
  it('is known for the common ones', () => {
    expect(modelName('ee882879-721c-4913-9775-3dfcce97072a')).to.match(/^YubiKey 5/);
  });

  it('is none for a key that does not tell its model, and for words that every object has', () => {
    for (const aaguid of ['00000000-0000-0000-0000-000000000000', 'constructor', '__proto__', ''])
      expect(modelName(aaguid)).to.equal(null);
  });
});
