/** One attempt that was taken and not given back. */
export interface Slot {
  /** `group:seconds:window:number`: the unique name that only one caller can insert. */
  readonly id: string;
  readonly group: string;
  /** Who took it: nobody else gives it back. */
  readonly owner: string;
  readonly at: Date;
  /** The browser that took it, so that what it failed can be forgiven alone; null = not told. */
  readonly by: string | null;
  /** When it may be forgotten; null = never. */
  readonly expiresAt: Date | null;
}
