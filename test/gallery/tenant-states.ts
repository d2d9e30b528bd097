import { frame } from './admin-states.ts';
import { states, type GalleryState } from './state.ts';

const tenants = [
  {
    tenantId: 'northwind',
    name: 'Northwind Support',
    own: true,
    secondFactor: 'optional',
    agents: '142',
    withKey: '58',
    withAppOnly: '38',
    withoutMethod: '46',
  },
  {
    tenantId: 'featherstonehaugh-cholmondeley-and-daughters',
    name: 'Featherstonehaugh-Cholmondeley and Daughters',
    own: false,
    secondFactor: 'required',
    agents: '10,000',
    withKey: '10,000',
    withAppOnly: '0',
    withoutMethod: '0',
  },
];
const operator = frame('tenants');
const nav = [...operator.nav, { id: 'tenants', icon: 'apps', href: '#tenants', current: true }];

/** Tenants, for those who run the installation. */
export const tenantStates: readonly GalleryState[] = states(
  'tenants',
  'admin/tenants.njk',
  { ...operator, nav, tenants, firstHref: null, nextHref: null },
  { default: {}, paged: { firstHref: '#first', nextHref: '#next' } },
);
