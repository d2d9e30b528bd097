import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadFile, ProvisioningError } from '../../src/provisioning/load.ts';
import { provision } from '../../src/provisioning/provision.ts';
import { aPng } from '../support/png.ts';
import { type Installation, openInstallation } from '../support/provisioning.ts';

const svg = (inside: string) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 2">${inside}</svg>`;
const fileOf = (branding: string) =>
  `tenants:\n  - slug: northwind\n    name: Northwind\n    branding: ${branding}\n`;

describe('the brand of a tenant in a provisioning file', () => {
  let installation: Installation;
  let folder: string;
  before(async () => {
    installation = await openInstallation();
    folder = await mkdtemp(join(tmpdir(), 'stile-brand-'));
    await writeFile(join(folder, 'logo.svg'), svg('<rect width="4" height="2"/>'));
    await writeFile(join(folder, 'logo.png'), aPng());
    await writeFile(join(folder, 'bad.svg'), svg('<script>1</script>'));
    await writeFile(join(folder, 'large.png'), Buffer.concat([aPng(), Buffer.alloc(20_000)]));
  });
  after(async () => {
    await installation.close();
    await rm(folder, { recursive: true });
  });

  const load = (branding: string) =>
    loadFile(
      { source: join(folder, 'stile.yaml'), text: fileOf(branding), variable: () => undefined },
      installation.stores.checks,
    );
  const apply = (branding: string) => provision(load(branding), installation.ports);
  const branding = async () => (await installation.stores.tenants.findFresh('northwind'))?.branding;

  it('is written with its logo, which is put in first, and twice changes nothing', async () => {
    const text = '{ accent: "#0B5C55", signInText: Hello, helpUrl: "https://help.example/", logo: logo.svg }';
    expect((await apply(text)).changes).to.have.length(1);
    const set = await branding();
    expect(set).to.deep.include({ accent: '#0b5c55', signInText: 'Hello', contact: null });
    const stored = await installation.stores.logos.find('northwind', set?.logo?.id ?? '');
    expect(stored?.bytes.toString()).to.include('<rect width="4" height="2">');
    expect((await apply(text)).changes).to.deep.equal([]);

    expect((await apply('{ logo: logo.png }')).changes[0]?.fields).to.have.length(1);
    expect((await branding())?.logo).to.deep.include({ type: 'image/png', width: 64 });
    await apply('{ logo: null }');
    expect(await branding()).to.deep.include({ logo: null, accent: '#0b5c55' });
  });

  it('leaves a logo alone that people changed since, until the file says another', async () => {
    await apply('{ logo: logo.png }');
    const tenant = await installation.stores.tenants.findFresh('northwind');
    if (!tenant) throw new Error('not there');
    await installation.stores.tenants.saveDetails(tenant, { branding: { ...tenant.branding, logo: null } });
    expect((await apply('{ logo: logo.png }')).changes).to.deep.equal([]);
    expect((await branding())?.logo).to.equal(null);
    await apply('{ logo: logo.svg }');
    expect((await branding())?.logo?.type).to.equal('image/svg+xml');
  });

  for (const [given, said] of [
    ['{ logo: bad.svg }', 'branding.logo: holds what a logo may not: element "script"'],
    ['{ logo: large.png }', 'branding.logo: must have at most 20000 bytes'],
    ['{ logo: stile.yaml }', 'branding.logo: must be a file that can be read'],
    ['{ logo: ../logo.svg }', 'branding.logo: must be a file that can be read, beside this one'],
    ['{ logo: /etc/passwd }', 'branding.logo: must be a file that can be read, beside this one'],
    ['{ logo: "." }', 'branding.logo: must be a file that can be read'],
    ['{ accent: "#ffd000" }', 'branding.accent: the step line'],
    ['{ helpUrl: "http://help.example/" }', 'branding.helpUrl: must be an address'],
    ['{ css: "a{}" }', 'branding.css: unknown key'],
  ] as const) {
    it(`is refused with its line: ${given}`, () => {
      expect(() => load(given))
        .to.throw(ProvisioningError)
        .with.property('message')
        .that.includes('stile.yaml:4:')
        .and.includes(said);
    });
  }
});
