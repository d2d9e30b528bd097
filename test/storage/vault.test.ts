import { expect } from 'chai';
import type { Keyring } from '../../src/keys.ts';
import { createVault, VaultError, type VaultProblem } from '../../src/storage/vault.ts';

const keys: Record<string, Buffer> = { k1: Buffer.alloc(32, 1), k2: Buffer.alloc(32, 2) };

const ring = (current: 'k1' | 'k2', known: readonly string[] = ['k1', 'k2']): Keyring => ({
  current: { id: current, secret: keys[current] ?? Buffer.alloc(0) },
  find: (id) => (known.includes(id) ? (keys[id] ?? null) : null),
});

const place = 'totp1|northwind|ana|phone';

describe('the vault', () => {
  const vault = createVault(ring('k1'));

  function problemOf(sealed: string, context = place, at = vault): VaultProblem {
    try {
      at.open(sealed, context);
    } catch (error) {
      if (error instanceof VaultError) return error.problem;
      throw error;
    }
    throw new Error('it opened');
  }

  for (const plain of ['JBSWY3DPEHPK3PXP', '', 'é 😀', 'x'.repeat(10_000)]) {
    it(`gives back what it sealed: ${plain.length} characters`, () => {
      expect(vault.open(vault.seal(plain, place), place)).to.equal(plain);
    });
  }

  it('seals the same value differently each time, and shows nothing of it', () => {
    const sealed = [vault.seal('JBSWY3DP', place), vault.seal('JBSWY3DP', place)];
    expect(sealed[0]).not.to.equal(sealed[1]);
    expect(sealed.join()).not.to.include('JBSWY3DP');
  });

  it('does not open a value that was moved to another account', () => {
    expect(problemOf(vault.seal('secret', place), 'totp1|northwind|sam|phone')).to.equal('tampered');
  });

  it('does not open a value of which any one bit was changed', () => {
    const sealed = vault.seal('secret', place);
    const [version, id, ...parts] = sealed.split('.');
    parts.forEach((part, at) => {
      const bytes = Buffer.from(part, 'base64url');
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const forged = Buffer.from(bytes);
        forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const others = parts.with(at, forged.toString('base64url'));
        expect(problemOf([version, id, ...others].join('.'))).to.equal('tampered');
      }
    });
  });

  it('does not open a value under another key than the one that sealed it', () => {
    expect(problemOf(vault.seal('secret', place).replace('.k1.', '.k2.'))).to.equal('tampered');
  });

  it('tells an unknown key from a wrong value', () => {
    const sealed = createVault(ring('k2')).seal('secret', place);
    expect(problemOf(sealed, place, createVault(ring('k1', ['k1'])))).to.equal('unknown_key');
  });

  const sealed = vault.seal('secret', place);
  const shortTag = sealed.slice(0, sealed.lastIndexOf('.') + 7);
  for (const odd of ['', 'v1', 'v2' + sealed.slice(2), `${sealed}.x`, 'v1.k1...', shortTag]) {
    it(`refuses what it did not make: ${odd.slice(0, 12)}… (${odd.length})`, () => {
      expect(problemOf(odd)).to.equal('malformed');
    });
  }

  it('still opens what an older key sealed, and says that it should be sealed again', () => {
    const old = vault.seal('secret', place);
    const rotated = createVault(ring('k2'));
    expect(rotated.open(old, place)).to.equal('secret');
    expect(rotated.isStale(old)).to.equal(true);
    expect(rotated.isStale(rotated.seal('secret', place))).to.equal(false);
  });

  it('names the problem alone in its message', () => {
    expect(() => vault.open(vault.seal('secret', place), 'elsewhere')).to.throw(VaultError, /^tampered$/);
  });
});
