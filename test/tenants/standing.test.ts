import { expect } from 'chai';
import { epochSeconds } from '../../src/core/clock.ts';
import { graceOf, isAlive, levelOwedByPolicy, type Person } from '../../src/tenants/standing.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/tenants/tenant.ts';
import { nextPolicy, settingsOf } from '../../src/tenants/tenants.ts';

const START = new Date('2027-03-01T00:00:00Z');
const at = (milliseconds: number) => new Date(START.getTime() + milliseconds);

const ben: Person = {
  state: 'active',
  methods: [],
  methodCount: 0,
  firstMethodAt: null,
  skips: 0,
  validFrom: 0,
  keptSessionUid: null,
};
const required = (more: Partial<Policy> = {}): Policy => ({
  ...DEFAULT_POLICY,
  secondFactor: 'required',
  ...more,
});

describe('what may be put off', () => {
  const dated = required({ effectiveFrom: START });

  it('may be until its moment, and not at it', () => {
    expect(graceOf(dated, ben, at(-1))).to.deep.equal({ until: START, left: null });
    expect(graceOf(dated, ben, at(0))).to.equal(null);
    expect(graceOf(dated, ben, at(1))).to.equal(null);
    expect([-1, 0, 1].map((moment) => levelOwedByPolicy(dated, ben, at(moment)))).to.deep.equal([1, 2, 2]);
  });

  it('may never be by somebody who ever had a method, also with none left', () => {
    const had = { ...ben, firstMethodAt: new Date(0) };
    for (const policy of [dated, required({ skips: 5 })]) {
      expect(graceOf(policy, had, at(-1))).to.equal(null);
      expect(levelOwedByPolicy(policy, had, at(-1))).to.equal(2);
    }
  });

  it('may be as often as the policy says, and the last time counts until the session ends', () => {
    const left = (skips: number, most: number) =>
      graceOf(required({ skips: most }), { ...ben, skips }, at(0))?.left;
    expect([0, 1, 2, 3].map((skips) => left(skips, 2))).to.deep.equal([2, 1, 0, undefined]);
    expect(left(0, 0), 'no skips are none, not a last one').to.equal(undefined);
  });

  it('is nothing where no limit is set, and nothing to put off where nothing is required', () => {
    expect(graceOf(required(), ben, at(-1))).to.equal(null);
    expect(graceOf({ ...dated, secondFactor: 'optional' }, ben, at(-1))).to.equal(null);
  });

  it('is not put off by a second factor that was turned off since', () => {
    const had = { ...ben, firstMethodAt: new Date(0), validFrom: 10, keptSessionUid: 'here' };
    const session = { level: 3, authTime: 5, sessionUid: 'here' } as const;
    const relaxed = (levelOneValidFrom: number) => ({ ...DEFAULT_POLICY, levelOneValidFrom });
    expect(isAlive(DEFAULT_POLICY, had, session, at(0)), 'the session it was turned off in').to.equal(true);
    expect(isAlive(required(), had, session, at(0)), 'required').to.equal(false);
    expect(isAlive(relaxed(11), had, session, at(0)), 'and optional again').to.equal(false);
    expect(isAlive(relaxed(9), had, session, at(0)), 'turned off after that').to.equal(true);
  });

  it('brings nothing back that was over before it was given', () => {
    const session = { level: 1, authTime: epochSeconds(at(-2000)), sessionUid: 'here' } as const;
    const over: readonly Policy[] = [
      required(),
      required({ effectiveFrom: at(-1000) }),
      required({ skips: 0 }),
    ];
    const given = [
      { effectiveFrom: at(5000), skips: null },
      { effectiveFrom: null, skips: 5 },
    ];
    for (const before of over) {
      expect(isAlive(before, ben, session, at(0)), 'over').to.equal(false);
      for (const grace of given) {
        const after = nextPolicy(before, { ...settingsOf(before), ...grace }, () => at(0));
        expect(isAlive(after, ben, session, at(1)), JSON.stringify([before, grace])).to.equal(false);
        const later = { ...session, authTime: epochSeconds(at(1000)) };
        expect(isAlive(after, ben, later, at(1000)), 'a sign-in after it').to.equal(true);
      }
    }
    const longer = nextPolicy(dated, { ...settingsOf(dated), effectiveFrom: at(9000) }, () => at(-1000));
    expect(isAlive(longer, ben, session, at(0)), 'a time of grace that is made longer').to.equal(true);
  });

  it('keeps what is below level 2 alive just as long', () => {
    const session = { level: 1, authTime: 1, sessionUid: 'here' } as const;
    expect(isAlive(dated, ben, session, at(-1))).to.equal(true);
    expect(isAlive(dated, ben, session, at(0))).to.equal(false);
  });
});
