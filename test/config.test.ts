import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { expect } from 'chai';
import { ConfigError, readConfig } from '../src/config.ts';

const production = {
  NODE_ENV: 'production',
  ISSUER: 'https://id.example.com',
  MONGODB_URI: 'mongodb://db/stile?replicaSet=rs0',
  KEYS_FILE: '/etc/stile/keys.json',
};

function refusalOf(env: Readonly<Record<string, string>>): string {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('the settings', () => {
  it('need nothing to be set outside production', () => {
    const config = readConfig({});
    expect(config).to.include({
      mode: 'development',
      port: 3000,
      managementPort: 3001,
      demoAppPort: 3100,
      workers: 1,
    });
    expect(config.issuer.origin).to.equal('http://localhost:3000');
    expect(config).to.be.frozen;
  });

  it('take an empty variable for one that is not set', () => {
    expect(readConfig({ PORT: '', MONGODB_URI: '' })).to.include({ port: 3000, mongodbUri: undefined });
  });

  it('are all named when several are wrong', () => {
    const message = refusalOf({
      PORT: 'http',
      WORKERS: '0',
      ISSUER: 'localhost',
      MONGODB_URI: 'postgres://x',
    });
    for (const name of ['PORT', 'WORKERS', 'ISSUER', 'MONGODB_URI']) expect(message).to.include(name);
  });

  for (const [name, value, example] of [
    ['PORT', '65536', '8000'],
    ['PORT', '-1', '8000'],
    ['PORT', '80.5', '8000'],
    ['PORT', 'http', '8000'],
    ['NODE_ENV', 'prod', 'production'],
    ['LOG_LEVEL', 'loud', 'info'],
    ['WORKERS', 'many', 'auto'],
    ['WORKERS', '0', '2'],
    ['TRUSTED_PROXIES', '-1', '1'],
    ['SMTP_URL', 'mail.example.com', 'smtp://mail.example.com:587'],
    ['BACKCHANNEL_ALLOW', 'http://desk.internal', 'desk.internal:8443'],
    ['TRIAL_ON_LAN', 'true', 'yes'],
  ] as const) {
    it(`refuse ${name}=${value}, and show what would be right`, () => {
      expect(refusalOf({ [name]: value })).to.match(new RegExp(`^ {2}${name}: .*\\b${example}\\b`, 'm'));
    });
  }

  describe('for trying out', () => {
    for (const mode of ['', 'development', 'test']) {
      for (const issuer of [
        'https://id.example.com',
        'http://192.168.1.5:3000',
        'http://localhost.example',
      ]) {
        it(`are refused with NODE_ENV=${mode} and ISSUER=${issuer}`, () => {
          const message = refusalOf({ NODE_ENV: mode, ISSUER: issuer });
          expect(message).to.include('ISSUER').and.include('NODE_ENV=production');
        });
      }
    }

    for (const [issuer, host] of [
      ['http://localhost:3000', '127.0.0.1'],
      ['http://stile.localhost:3000', '127.0.0.1'],
      ['http://127.0.0.2:3000', '127.0.0.2'],
      ['http://[::1]:3000', '::1'],
    ] as const) {
      it(`listen on ${host} alone with ISSUER=${issuer}, and show the mailbox`, () => {
        expect(readConfig({ ISSUER: issuer })).to.include({ listenOn: host, showsMailbox: true });
      });
    }

    it('open a trial to a network by one switch, and show no mailbox then', () => {
      const config = readConfig({ ISSUER: 'http://192.168.1.5:3000', TRIAL_ON_LAN: 'yes' });
      expect(config).to.include({ listenOn: undefined, showsMailbox: false });
    });

    it('have no such switch in production mode', () => {
      expect(refusalOf({ ...production, TRIAL_ON_LAN: 'yes' })).to.include('TRIAL_ON_LAN');
      expect(readConfig(production)).to.include({ listenOn: undefined, showsMailbox: false });
    });
  });

  describe('from files', () => {
    let folder: string;
    before(async () => void (folder = await mkdtemp(join(tmpdir(), 'stile-config-'))));
    after(() => rm(folder, { recursive: true, force: true }));

    it('come without the line end of the file', async () => {
      const file = join(folder, 'uri');
      await writeFile(file, 'mongodb://user:secret@db/stile\n');
      expect(readConfig({ MONGODB_URI_FILE: file }).mongodbUri).to.equal('mongodb://user:secret@db/stile');
    });

    it('are refused when the variable itself is set too, and when the file is absent', () => {
      expect(refusalOf({ PORT: '1', PORT_FILE: join(folder, 'x') })).to.include('PORT_FILE');
      expect(refusalOf({ PORT_FILE: join(folder, 'absent') }))
        .to.include('PORT_FILE')
        .and.include('absent');
    });
  });

  describe('in production mode', () => {
    it('are accepted when they are safe; the demo data and the sample app stay off', () => {
      expect(readConfig(production)).to.include({ mode: 'production', provision: undefined, demoAppPort: 0 });
    });

    for (const [name, value] of [
      ['ISSUER', 'http://id.example.com'],
      ['MONGODB_URI', ''],
      ['KEYS_FILE', ''],
      ['BACKCHANNEL_ALLOW', 'desk.example.com,localhost:3100'],
      ['BACKCHANNEL_ALLOW', '127.0.0.2'],
      ['BACKCHANNEL_ALLOW', '[::1]:80'],
    ] as const) {
      it(`are refused with ${name}=${value}`, () => {
        expect(refusalOf({ ...production, [name]: value })).to.include(name);
      });
    }

    it('are all shown, safe and complete, by .env.example', async () => {
      const example = await readFile(resolve(import.meta.dirname, '../.env.example'), 'utf8');
      expect(readConfig(parseEnv(example)).mode).to.equal('production');
      const shown = parseEnv(example.replaceAll(/^# (?=[A-Z_]+=)/gm, ''));
      const source = await readFile(resolve(import.meta.dirname, '../src/config.ts'), 'utf8');
      const known = [...source.matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(([, name]) => name);
      expect([...Object.keys(shown), 'DEMO_APP_PORT', 'TRIAL_ON_LAN']).to.have.members(known);
    });
  });
});
