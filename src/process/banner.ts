import type { DemoPerson } from '../provisioning/demo.ts';

/** What a person needs to know once everything is up: where to go, and who to be. */
export function banner(facts: {
  readonly issuer: string;
  readonly sampleApp: string | null;
  readonly management: string;
  readonly database: string;
  readonly mailbox: boolean;
  readonly people: readonly DemoPerson[];
}): string {
  const rows: [string, string][] = [
    ...(facts.sampleApp === null
      ? []
      : [['Sample app', `${facts.sampleApp}   <- start here`] as [string, string]]),
    ['Stile', facts.issuer],
    ...(facts.mailbox ? [['Mails', `${facts.issuer}/dev/mailbox`] as [string, string]] : []),
    ['Health', `${facts.management}/readyz`],
    ['Data', facts.database],
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`);
  return ['', 'Stile is ready.', '', ...lines, '', ...peopleTable(facts.people), 'Ctrl-C stops it.', ''].join(
    '\n',
  );
}

const NOTES = [
  '  App codes change every 30 seconds: `npm run cli -- demo` shows the present ones.',
  '  Nobody can touch the security keys of these people: sign in "another way", and add a key of your own.',
];

function peopleTable(people: readonly DemoPerson[]): string[] {
  if (people.length === 0) return [];
  const header = ['Sign in as', 'Password', 'Second factor', 'App code'];
  const rows = people.map(({ email, password, methods, code }) => [email, password, methods, code]);
  const widths = header.map((title, column) => {
    return Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0));
  });
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd();
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line), '', ...NOTES, ''];
}
