import { expect } from 'chai';
import { banner } from '../../src/process/banner.ts';

const facts = {
  issuer: 'http://localhost:3000',
  sampleApp: 'http://localhost:3100',
  management: 'http://localhost:3001',
  database: 'MongoDB 8.0.17 in data/mongo',
  mailbox: true,
  people: [
    {
      name: 'Ana',
      email: 'ana@northwind.example',
      password: 'four words',
      methods: 'key, app',
      code: '123456',
    },
    { name: 'Sam', email: 's@northwind.example', password: 'x', methods: '', code: '' },
  ],
};

describe('the banner', () => {
  it('names the addresses to open, the sample app first', () => {
    const text = banner(facts);
    expect(text.indexOf('http://localhost:3100')).to.be.greaterThan(0);
    expect(text.indexOf('http://localhost:3100')).to.be.lessThan(text.indexOf('http://localhost:3000'));
    expect(text).to.include('http://localhost:3000/dev/mailbox');
  });

  it('shows the people in columns, without trailing spaces', () => {
    const lines = banner(facts).split('\n');
    const ana = lines.find((line) => line.includes('ana@')) ?? '';
    const sam = lines.find((line) => line.includes('s@')) ?? '';
    expect(ana.indexOf('four words')).to.equal(sam.indexOf('x', sam.indexOf('example') + 7));
    expect(ana).to.include('123456');
    for (const line of lines) expect(line).to.equal(line.trimEnd());
  });

  it('leaves out what there is not', () => {
    const text = banner({ ...facts, sampleApp: null, mailbox: false, people: [] });
    expect(text).not.to.include('Sample app').and.not.to.include('mailbox').and.not.to.include('Sign in as');
  });
});
