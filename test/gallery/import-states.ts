import { frame } from './admin-states.ts';
import { EMAIL, states, type GalleryState } from './state.ts';

const LONG = {
  name: 'Maximiliana-Alexandrina Featherstonehaugh-Cholmondeley',
  email: 'maximiliana-alexandrina.featherstonehaugh-cholmondeley@northwind.example',
};
const people = [
  { email: EMAIL, name: 'Ana Ribeiro', role: 'agent', team: 'Claims' },
  { ...LONG, role: 'lead', team: null },
];
const PROBLEMS = ['email', 'name', 'role', 'role-above', 'team', 'twice', 'taken', 'too-often', 'stopped'];
const refused = PROBLEMS.map((problem, at) => ({ line: at + 2, name: 'Dele Okafor', email: EMAIL, problem }));
const nameless = { line: 12, name: '', email: '', problem: 'email' };
const here = '#import';

/** Inviting many. */
export const importStates: readonly GalleryState[] = [
  ...states(
    'import',
    'admin/import.njk',
    { ...frame('agents'), problem: null, list: '', most: 500, megabytes: 1 },
    {
      file: {},
      'file-empty': { problem: 'empty' },
      'file-malformed': { problem: 'malformed', list: `${EMAIL},"Ana Ribeiro` },
      'file-header': { problem: 'header', list: 'Ana Ribeiro' },
      'file-too-many': { problem: 'too-many', list: EMAIL },
    },
  ),
  ...states(
    'import',
    'admin/import-preview.njk',
    { ...frame('agents'), here, wanted: 22, people, more: 20, refused: [] },
    {
      preview: {},
      'preview-one': { wanted: 1, people: people.slice(0, 1), more: 0, refused: refused.slice(0, 1) },
      'preview-errors': { refused: [...refused, nameless] },
      'preview-nobody': { wanted: 0, people: [], more: 0, refused },
    },
  ),
  ...states(
    'import',
    'admin/import-running.njk',
    { ...frame('agents'), here, wanted: 480 },
    { running: { came: 60 }, 'running-begins': { came: 0 } },
  ),
  ...states(
    'import',
    'admin/import-done.njk',
    { ...frame('agents'), invited: 22, refused: [] },
    { report: {}, 'report-some': { invited: 1, refused }, 'report-none': { invited: 0, refused } },
  ),
];
