import { FACTORS } from './factors.ts';

type Row = (typeof FACTORS)[number];

export type MethodId = Row['id'];
export type EnrollableId = Extract<Row, { enrolled: true }>['id'];
/** What tenants name in `allowedMethods`. */
export type ListedId = Extract<Row, { listed: true }>['id'];

/** Ids of the second factors: URL segment, view folder, audit and policy value in one. Best first. */
export const METHOD_IDS: readonly MethodId[] = FACTORS.map(({ id }) => id);

/** The methods that count as "has a method": they are enrolled by the agent and listed on the account. Safest first. */
export const ENROLLABLE: readonly EnrollableId[] = FACTORS.filter((one) => one.enrolled).map(({ id }) => id);

/** What a tenant allows or does not, one by one. */
export const LISTED: readonly ListedId[] = FACTORS.filter((one) => one.listed).map(({ id }) => id);
