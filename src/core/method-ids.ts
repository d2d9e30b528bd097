/** Ids of the second factors: URL segment, view folder, audit and policy value in one. Best first. */
export const METHOD_IDS = ['security-key', 'authenticator-app', 'rescue-code', 'recovery-code'] as const;

export type MethodId = (typeof METHOD_IDS)[number];

/** The methods that count as "has a method": they are enrolled by the agent and listed on the account. */
export const ENROLLABLE = ['security-key', 'authenticator-app'] as const satisfies readonly MethodId[];

export type EnrollableId = (typeof ENROLLABLE)[number];
