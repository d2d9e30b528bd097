/** One guess, reserved before it is judged (SECURITY DR-10). */
export type Reservation =
  | {
      readonly ok: true;
      /** It was right, or was no guess: gives the slot back. */
      succeed(): Promise<void>;
    }
  | { readonly ok: false; readonly retryAfterSeconds: number };
