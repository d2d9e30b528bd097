/** Indexes of one collection: whatever is asked often has one, and what must be unique has a unique one. */
export interface CollectionSpec {
  readonly name: string;
  readonly indexes: readonly {
    readonly key: Readonly<Record<string, 1 | -1>>;
    readonly unique?: boolean;
    readonly expireAfterSeconds?: number;
  }[];
}
