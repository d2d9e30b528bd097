import { expect } from 'chai';
import { ProvisioningError } from '../../src/provisioning/load.ts';
import { createSoftKey } from '../support/authenticator.ts';
import { contentsOf, type Installation, openInstallation } from '../support/provisioning.ts';

describe('a provisioning file that is not right', function () {
  this.timeout(60_000);
  let installation: Installation;
  before(async () => (installation = await openInstallation()));
  after(() => installation.close());

  /** @returns problems as `line:column path message` */
  async function problemsOf(file: string): Promise<string[]> {
    try {
      await installation.apply(file);
    } catch (error) {
      if (!(error instanceof ProvisioningError)) throw error;
      return error.problems.map(({ line, column, path, message }) => `${line}:${column} ${path} ${message}`);
    }
    return [];
  }

  it('tells every problem at once, each with line, column and path, and writes nothing', async () => {
    const before = await contentsOf(installation);
    const file = `
tenants:
  - slug: North Wind
    nmae: Northwind
    policy:
      secondFactor: yes please
      allowedMethods: [recovery-code]
accounts:
  - tenant: northwind
    email: nobody
    name: Ana
    roles: [boss]
    authenticatorApps:
      - label: Phone
        secret: TOOSHORT
    recoveryCodes: [12]
clients:
  - client_id: desk
    client_secret: secret
    redirect_uri: [https://desk.example]
`;
    const problems = await problemsOf(file);
    const places = problems.map((problem) => problem.split(' ').slice(0, 2).join(' '));
    expect(places).to.include.members([
      '3:5 tenants[0].slug',
      '4:5 tenants[0].nmae',
      '6:7 tenants[0].policy.secondFactor',
      '7:7 tenants[0].policy.allowedMethods',
      '10:5 accounts[0].email',
      '12:13 accounts[0].roles[0]',
      '15:9 accounts[0].authenticatorApps[0].secret',
      '16:21 accounts[0].recoveryCodes[0]',
      '20:5 clients[0].redirect_uri',
    ]);
    expect(await contentsOf(installation)).to.deep.equal(before);
  });

  it('names the file and the line in its message, and repeats no value', async () => {
    const file =
      'accounts:\n  - { tenant: t, email: a@b.example, name: A, recoveryCodes: [my-secret-code] }\n';
    const failure = await installation.apply(file).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(ProvisioningError);
    expect(String(failure)).to.include('test.yaml:2:').and.to.include('nothing was changed');
    expect(String(failure)).not.to.include('my-secret-code');
  });

  for (const [what, file, expected] of [
    ['broken YAML', 'tenants:\n  - { slug: a\n', /^\d:\d /],
    ['a key that is there twice', 'tenants: []\ntenants: []\n', /^2:1 .*unique/],
    ['a list where a map belongs', '- tenants\n', /^1:1 /],
    ['an unknown section', 'tenant: []\n', /^1:1 tenant unknown key/],
    [
      'a variable that is not set',
      'tenants:\n  - slug: a\n    name: ${NOT_SET}\n',
      /^3:11 .*NOT_SET is not set/,
    ],
    [
      'a tenant that is nowhere',
      'accounts:\n  - { tenant: nowhere, email: a@b.example, name: A }\n',
      /^2:7 accounts\[0\]\.tenant there is no tenant nowhere/,
    ],
    [
      'two passwords',
      'accounts:\n  - { tenant: t, email: a@b.example, name: A, password: x, passwordHash: y }\n',
      /passwordHash/,
    ],
    [
      'a digest of a form that cannot be checked',
      'accounts:\n  - { tenant: t, email: a@b.example, name: A, passwordHash: $2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW }\n',
      /passwordHash must be a PHC string/,
    ],
    [
      'a public key that is none',
      'accounts:\n  - { tenant: t, email: a@b.example, name: A, securityKeys: [{ name: K, credentialId: abc, publicKey: abc }] }\n',
      /publicKey must be a COSE key/,
    ],
  ] as const) {
    it(`is refused for ${what}`, async () => {
      const [first = ''] = await problemsOf(file);
      expect(first).to.match(expected);
    });
  }

  it('is refused for an email, slug, domain, client or credential that is there twice', async () => {
    const key = JSON.stringify(
      createSoftKey({ rpId: 'localhost', origin: 'http://localhost' }).provision('K'),
    );
    const problems = await problemsOf(`
tenants:
  - { slug: a, name: A, domains: [a.example] }
  - { slug: a, name: A, domains: [A.example] }
accounts:
  - { tenant: a, email: x@a.example, name: X, securityKeys: [${key}] }
  - { tenant: a, email: ' X@A.example', name: X, securityKeys: [${key}] }
clients:
  - { client_id: c, client_secret: s, redirect_uris: [https://c.example] }
  - { client_id: c, client_secret: s, redirect_uris: [https://c.example] }
`);
    expect(problems.map((problem) => problem.split(' ')[1])).to.deep.equal([
      'tenants[1].slug',
      'tenants[1].domains[0]',
      'accounts[1].email',
      'accounts[1].securityKeys[0].credentialId',
      'clients[1].client_id',
    ]);
  });

  it('takes the same email in two tenants, and the same app secret for two people', async () => {
    const app = 'authenticatorApps: [{ label: Phone, secret: JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP }]';
    const problems = await problemsOf(`
tenants: [{ slug: one, name: One }, { slug: two, name: Two }]
accounts:
  - { tenant: one, email: x@a.example, name: X, ${app} }
  - { tenant: two, email: x@a.example, name: X, ${app} }
`);
    expect(problems).to.deep.equal([]);
  });

  it('is refused when a domain or a credential belongs to somebody else in the database', async () => {
    const key = JSON.stringify(
      createSoftKey({ rpId: 'localhost', origin: 'http://localhost' }).provision('K'),
    );
    const first = `
tenants: [{ slug: owner, name: Owner, domains: [taken.example] }]
accounts: [{ tenant: owner, email: x@taken.example, name: X, securityKeys: [${key}] }]
`;
    expect(await problemsOf(first)).to.deep.equal([]);
    const before = await contentsOf(installation);
    const problems = await problemsOf(`
tenants: [{ slug: thief, name: Thief, domains: [taken.example] }]
accounts: [{ tenant: thief, email: y@taken.example, name: Y, securityKeys: [${key}] }]
`);
    expect(problems.map((problem) => problem.split(' ')[1])).to.deep.equal([
      'tenants[0].domains[0]',
      'accounts[0].securityKeys[0].credentialId',
    ]);
    expect(await contentsOf(installation)).to.deep.equal(before);
    expect(await problemsOf(first)).to.deep.equal([]);
  });

  it('is empty, or has empty sections: nothing to do', async () => {
    expect(await problemsOf('')).to.deep.equal([]);
    expect(await problemsOf('tenants:\naccounts:\nclients: []\n')).to.deep.equal([]);
  });

  it('does not hang on a text that would grow without bound', async () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
    for (const [i, name] of [...'bcdefgh'].entries()) {
      const before = '*' + 'abcdefgh'.charAt(i);
      bomb.push(`${name}: &${name} [${Array.from({ length: 10 }, () => before).join(', ')}]`);
    }
    expect(await problemsOf(bomb.join('\n'))).to.have.length(1);
  });
});
