/** One attempt that was taken and not given back. */
export interface Slot {
  /** `group:seconds:window:number`: the unique name that only one caller can insert. */
  readonly id: string;
  readonly group: string;
  /** Who took it: nobody else gives it back. */
  readonly owner: string;
  readonly at: Date;
  /** When it may be forgotten; null = never. */
  readonly expiresAt: Date | null;
}
