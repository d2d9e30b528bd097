import { expect } from 'chai';
import { backPath, confirmPath, goalPath, readGoal, type Goal } from '../../src/security-settings/goal.ts';

/** One of each kind, and where it is done. */
const GOALS: readonly (readonly [Goal, string])[] = [
  [{ kind: 'set-up' }, '/account/security/set-up'],
  [{ kind: 'turn-off' }, '/account/security/turn-off'],
  [{ kind: 'codes' }, '/account/security/codes'],
  [{ kind: 'sessions' }, '/account/security/sessions'],
  [{ kind: 'password' }, '/account/security/password'],
  [{ kind: 'not-me' }, '/account/security/not-me'],
  [{ kind: 'remove', methodId: 'm_1' }, '/account/security/methods/m_1/remove'],
  [{ kind: 'rename', methodId: 'm_1' }, '/account/security/methods/m_1/rename'],
  [{ kind: 'agent', deed: 'disable', accountId: 'a-1' }, '/admin/agents/a-1/disable'],
  [{ kind: 'agent', deed: 'page', accountId: 'a-1' }, '/admin/agents/a-1'],
  [{ kind: 'agent-reset', accountId: 'a-1', resetId: 'r_1' }, '/admin/agents/a-1/resets/r_1'],
  [{ kind: 'agents', deed: 'enable', accountIds: ['a', 'b'] }, '/admin/selected-agents/enable?who=a~b'],
  [{ kind: 'all-agents', deed: 'reset', query: 'all=yes&q=x' }, '/admin/selected-agents/reset?all=yes&q=x'],
  [{ kind: 'rescue-code', accountId: 'a-1' }, '/admin/agents/a-1/rescue-code'],
  [{ kind: 'invite' }, '/admin/agents/invite'],
  [{ kind: 'invite-many' }, '/admin/agents/import'],
  [{ kind: 'import', importId: 'i' }, '/admin/agents/import/i'],
  [{ kind: 'invitation', accountId: 'a-1' }, '/admin/agents/a-1/invitation'],
  [
    { kind: 'policy', page: 'review', query: 'secondFactor=required' },
    '/admin/policy/review?secondFactor=required',
  ],
  [{ kind: 'policy', page: 'methods', query: '' }, '/admin/policy/methods'],
  [{ kind: 'tenant-settings', draftId: 'd' }, '/admin/settings/drafts/d'],
];
const segmentOf = (goal: Goal) => confirmPath(goal).replace('/account/confirm/', '');

describe('a goal', () => {
  for (const [goal, path] of GOALS) {
    it(`is the same after its address was read: ${segmentOf(goal)}`, () => {
      expect(readGoal(segmentOf(goal))).to.deep.equal(goal);
      expect(goalPath(goal)).to.equal(path);
      expect(backPath(goal)).to.match(/^\/(admin|account\/security)/);
    });
  }

  it('is none that somebody made up', () => {
    const over = `agents.enable.${Array.from({ length: 51 }, (_, at) => `a${at}`).join('~')}`;
    const made = [
      '',
      'x',
      'toString',
      '__proto__',
      'set-up.x',
      'remove',
      'remove.',
      'remove.a/b',
      'remove.a.b',
    ];
    const others = [
      'agent.roles',
      'agent.nothing.a',
      'agent-reset.a',
      'policy.other.',
      'all-agents.reset.%',
      over,
    ];
    for (const text of [...made, ...others, undefined]) expect(readGoal(text), text).to.equal(null);
  });

  it('holds a query as values alone, whatever was put into its address', () => {
    const evil = Buffer.from('a=1&b=//evil.example/#x\r\nSet-Cookie: y').toString('base64url');
    const goal = readGoal(`policy.review.${evil}`);
    expect(goal && goalPath(goal)).to.match(/^\/admin\/policy\/review\?[\w=&%.+-]*$/);
  });
});
