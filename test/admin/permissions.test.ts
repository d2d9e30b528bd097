import { expect } from 'chai';
import type { Role } from '../../src/accounts/account.ts';
import {
  ACTIONS,
  MACHINE_SCOPES,
  isAboutSomebody,
  machineRefusalOf,
  machineScopeOf,
  mayGiveRescueCodes,
  mayGiveRoles,
  mayMachineGiveRoles,
  refusalOf,
  type Action,
  type RoleHolder,
} from '../../src/admin/permissions.ts';

const person = (accountId: string, roles: Role[], tenantId = 'northwind'): RoleHolder => ({
  tenantId,
  accountId,
  roles,
});
const agent = person('agent', ['agent']);
const lead = person('lead', ['agent', 'lead']);
const admin = person('admin', ['admin']);
const operator = person('operator', ['operator']);

/** Row by row what a role may do at all. */
const ALLOWED: Record<Action, Role[]> = {
  'see-overview': ['lead', 'admin', 'operator'],
  'see-agents': ['lead', 'admin', 'operator'],
  'export-agents': ['admin', 'operator'],
  'see-agent': ['lead', 'admin', 'operator'],
  'sign-out-agent': ['lead', 'admin', 'operator'],
  'disable-agent': ['admin', 'operator'],
  'invite-agent': ['admin', 'operator'],
  'change-invitation': ['admin', 'operator'],
  'change-agent': ['admin', 'operator'],
  'set-roles': ['admin', 'operator'],
  'reset-two-factor': ['admin', 'operator'],
  'approve-two-factor-reset': ['admin', 'operator'],
  'give-rescue-code': ['lead', 'admin', 'operator'],
  'see-policy': ['admin', 'operator'],
  'change-policy': ['admin', 'operator'],
  'announce-policy': ['admin', 'operator'],
  'see-settings': ['admin', 'operator'],
  'change-settings': ['admin', 'operator'],
  'see-audit': ['admin', 'operator'],
  'export-audit': ['admin', 'operator'],
  'see-tenants': ['operator'],
};

describe('permissions', () => {
  for (const action of ACTIONS) {
    it(`${action} is for ${ALLOWED[action].join(', ')}`, () => {
      const other = isAboutSomebody(action) ? person('other', ['agent']) : null;
      for (const actor of [agent, lead, admin, operator]) {
        const may = actor.roles.some((role) => ALLOWED[action].includes(role));
        expect(refusalOf(actor, action, other), actor.accountId).to.equal(may ? null : 'role');
      }
      expect(refusalOf(person('nobody', []), action, other)).to.equal('role');
    });

    it(`${action} never reaches another tenant, whatever the role`, () => {
      const stranger = person('agent', ['agent'], 'globex');
      for (const actor of [agent, lead, admin, operator])
        expect(refusalOf(actor, action, stranger)).to.equal('other-tenant');
      const machine = { tenantId: 'northwind', scopes: new Set<string>(MACHINE_SCOPES) };
      expect(machineRefusalOf(machine, action, stranger)).to.equal('other-tenant');
    });
  }

  const done = ACTIONS.filter((action) => isAboutSomebody(action) && action !== 'see-agent');

  for (const action of done) {
    it(`${action} is not done to a higher role`, () => {
      expect(refusalOf(admin, action, operator)).to.equal('higher-role');
      expect(refusalOf(lead, action, admin)).to.be.oneOf(['higher-role', 'role']);
      expect(refusalOf(lead, action, person('lead-2', ['lead']))).to.be.oneOf(['higher-role', 'role']);
      expect(refusalOf(admin, action, person('admin-2', ['admin'])), 'an equal').to.equal(null);
    });
  }

  it('is done to oneself only where that locks out nobody', () => {
    const own = done.filter((action) => refusalOf(admin, action, admin) === null);
    expect(own).to.deep.equal(['sign-out-agent', 'change-agent']);
    for (const action of done.filter((one) => !own.includes(one)))
      expect(refusalOf(operator, action, operator), action).to.equal('yourself');
  });

  it('lets leads do nothing to agents of another team; people in none are one, and admins know no teams', () => {
    const of = (team: string | null, who: typeof agent) => ({ ...who, team });
    for (const action of ['sign-out-agent', 'give-rescue-code'] as const) {
      expect(refusalOf(of('Sales', lead), action, of('Sales', agent)), action).to.equal(null);
      expect(refusalOf(of(null, lead), action, agent), action).to.equal(null);
      expect(refusalOf(of('Sales', lead), action, of('Claims', agent)), action).to.equal('other-team');
      expect(refusalOf(of('Sales', lead), action, agent), action).to.equal('other-team');
      expect(refusalOf(lead, action, of('Sales', agent)), action).to.equal('other-team');
      expect(refusalOf(of('Claims', admin), action, of('Sales', agent)), action).to.equal(null);
    }
    expect(refusalOf(of('Sales', lead), 'sign-out-agent', of('Sales', lead))).to.equal(null);
  });

  it('gives no role above the own one', () => {
    expect(mayGiveRoles(admin, ['agent', 'lead', 'admin'])).to.equal(true);
    expect(mayGiveRoles(admin, ['agent', 'operator'])).to.equal(false);
    expect(mayGiveRoles(operator, ['operator'])).to.equal(true);
    expect(mayMachineGiveRoles(['agent', 'lead'])).to.equal(true);
    expect(mayMachineGiveRoles(['admin'])).to.equal(false);
  });

  it('leaves rescue codes to those whom the tenant trusts with them', () => {
    const may = (rescueCodes: 'off' | 'leads' | 'admins') =>
      [agent, lead, admin, operator]
        .filter(({ roles }) => mayGiveRescueCodes({ rescueCodes }, roles))
        .map(({ accountId }) => accountId);
    expect(may('off')).to.deep.equal([]);
    expect(may('leads')).to.deep.equal(['lead', 'admin', 'operator']);
    expect(may('admins')).to.deep.equal(['admin', 'operator']);
  });

  it('wants of a machine the one scope of an action, and stops below admins', () => {
    for (const action of ACTIONS) {
      const target = isAboutSomebody(action) ? agent : null;
      const scope = machineScopeOf(action);
      const may = MACHINE_SCOPES.filter(
        (one) => !machineRefusalOf({ tenantId: 'northwind', scopes: new Set([one]) }, action, target),
      );
      expect(may, action).to.deep.equal(scope === null ? [] : [scope]);
    }
    const machine = { tenantId: 'northwind', scopes: new Set<string>(MACHINE_SCOPES) };
    expect(machineRefusalOf(machine, 'disable-agent', lead)).to.equal(null);
    expect(machineRefusalOf(machine, 'disable-agent', admin)).to.equal('higher-role');
    expect(machineRefusalOf(machine, 'see-agent', admin)).to.equal(null);
    expect(machineRefusalOf(machine, 'give-rescue-code', agent)).to.equal('scope');
  });
});
