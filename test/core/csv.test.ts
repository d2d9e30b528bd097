import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import { csvLines } from '../../src/core/csv.ts';

const read = (text: string): string[][] => parse(text, { record_delimiter: '\r\n' });

describe('a CSV file', () => {
  it('begins no field with what a spreadsheet takes for a formula (OWASP)', () => {
    const texts = [
      '=1+1',
      '+1',
      '-1',
      '@SUM(A1)',
      '\t=1',
      '\r=1',
      '\n=1',
      ' =1',
      '\u{a0}-1',
      '＝1',
      '＋1',
      '－1',
      '＠x',
    ];
    for (const text of texts)
      expect(read(csvLines([[text]])), JSON.stringify(text)).to.deep.equal([[`'${text}`]]);
  });

  it('leaves other texts, numbers and moments as they are', () => {
    const at = new Date('2026-11-24T09:12:00Z');
    const row = ['João', 'a=b', "O'Neill", 'a-b@c.example', '', null, -5, at] as const;
    expect(read(csvLines([row]))).to.deep.equal([
      ['João', 'a=b', "O'Neill", 'a-b@c.example', '', '', '-5', '2026-11-24T09:12:00.000Z'],
    ]);
  });

  it('quotes what would end a field, doubles quotes, and ends each line with CRLF (RFC 4180)', () => {
    expect(
      csvLines([
        ['a', 'b,c', 'd"e', 'f\r\ng'],
        ['h;i', 'j\tk', 'l m', '"=1"'],
      ]),
    ).to.equal('a,"b,c","d""e","f\r\ng"\r\n"h;i","j\tk",l m,"""=1"""\r\n');
  });

  it('keeps a field in one piece, whatever is in it, also where a formula could hide behind a separator', () => {
    const nasty = ['x","=1', 'x;=1', 'x\n=1', 'x\r=1', '"', '""', ',', `'`, '=HYPERLINK("http://x","y")'];
    for (const text of nasty) {
      const [row] = read(csvLines([['before', text, 'after']]));
      expect(row?.[1]?.replace(/^'(?==)/, ''), JSON.stringify(text)).to.equal(text);
      expect(row).to.have.length(3);
    }
  });
});
