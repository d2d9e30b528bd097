type SendLogout = (this: LogoutSender, accountId: string, sid: string) => Promise<void>;

/** How a client is told of a sign-out; the library's types leave it out. */
export interface LogoutSender {
  readonly clientId: string;
  /** Called by the library at a sign-out. */
  backchannelLogout: SendLogout;
  /** Sends at once, for at most 2.5 s. @throws when the app did not answer 200 or 204 */
  sendLogoutToken: SendLogout;
}
