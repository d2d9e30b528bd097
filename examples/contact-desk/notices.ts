import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';
import { errors as jose } from 'jose';

/** One message at the top of a page. `detail` is for the developer of the app. */
export interface Notice {
  readonly tone: 'ok' | 'info' | 'warn' | 'danger';
  readonly title: string;
  readonly text: string;
  readonly detail?: string | undefined;
}

export const SIGNED_OUT: Notice = {
  tone: 'ok',
  title: 'You are signed out',
  text: 'Your sign-in at this desk is over. Close this tab if others use this computer.',
};

export const SIGNED_OUT_BY_STILE: Notice = {
  tone: 'warn',
  title: 'You were signed out by Stile',
  text: 'You signed out in another app, or your company changed its sign-in rules. Sign in to go on.',
};

export const STILL_SIGNED_IN: Notice = {
  tone: 'ok',
  title: 'You are still signed in at Stile',
  text: 'Stile answered without showing you a page.',
};

export const NEW_TOKENS: Notice = {
  tone: 'ok',
  title: 'The desk has new tokens',
  text: 'They tell of the same sign-in as before: new tokens never make it stronger or younger.',
};

export const NO_REFRESH_TOKEN: Notice = {
  tone: 'info',
  title: 'There is nothing to renew with',
  text: 'Stile gave this app no refresh token. Register it with the grant type refresh_token.',
};

export const LOST_TRACK: Notice = {
  tone: 'warn',
  title: 'This sign-in was started somewhere else',
  text: 'It took too long, was finished already, or began in another browser. Start again from here.',
};

export const SOMEBODY_ELSE: Notice = {
  tone: 'warn',
  title: 'Somebody else is signed in now',
  text: 'The person who signed in at Stile is not the one who was here before.',
};

const ANSWERS: Readonly<Record<string, { title: string; text: string }>> = {
  access_denied: {
    title: 'The sign-in was stopped',
    text: 'You, or the rules of your company, did not let this app in. You can start again.',
  },
  unmet_authentication_requirements: {
    title: 'The sign-in was not strong enough',
    text: 'The desk asked for more than you can prove right now. Add a method in your security settings at Stile, then try again.',
  },
  login_required: {
    title: 'Stile needs you for this',
    text: 'You are not signed in at Stile any more, or it has to check something with you. Sign in to go on.',
  },
  consent_required: {
    title: 'Stile has to ask you something',
    text: 'It wants to know whether this app may see your details. Sign in to answer.',
  },
  interaction_required: {
    title: 'Stile has to ask you something',
    text: 'That does not work without showing you a page. Sign in to answer.',
  },
};

/** What Stile answered instead of a code, in plain words (RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6). */
export function answerNotice(error: AuthorizationResponseError): Notice {
  const known = ANSWERS[error.error];
  const detail = [error.error, error.error_description].filter(Boolean).join(': ');
  if (known) return { tone: 'warn', ...known, detail };
  return {
    tone: 'danger',
    title: 'Stile did not accept the request of this app',
    text: 'Tell the people who run this app. Signing in again does not help.',
    detail,
  };
}

/** Answers that mean "ask again later" (RFC 6749 4.1.2.1). */
const LATER = new Set(['temporarily_unavailable', 'server_error']);

/** Whether Stile cannot be reached or cannot answer: no fault of the person or of the request. */
export function isAway(error: unknown): boolean {
  if (error instanceof AuthorizationResponseError) return LATER.has(error.error);
  if (error instanceof ResponseBodyError) return error.status >= 500;
  if (error instanceof jose.JWKSTimeout) return true;
  if (error instanceof ClientError) {
    if (error.code === 'OAUTH_TIMEOUT') return true;
    return error.cause instanceof Response && error.cause.status >= 500;
  }
  return error instanceof TypeError && error.message === 'fetch failed';
}

/** Something in the answer was not as it must be: a wrong signature, nonce, issuer, an old code. */
export function brokenNotice(error: unknown): Notice {
  const detail =
    error instanceof ResponseBodyError
      ? [error.error, error.error_description].filter(Boolean).join(': ')
      : error instanceof Error
        ? error.message
        : 'unknown';
  return {
    tone: 'danger',
    title: 'The desk could not finish the sign-in',
    text: 'Something in the answer was not as it must be, so nobody was signed in. Start again.',
    detail,
  };
}
