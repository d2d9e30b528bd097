// Security keys: asks the browser, fills the hidden fields, sends the form. What went wrong is named in
// `client_state`; the words for it come from the server, with a new challenge.
import {
  browserSupportsWebAuthn,
  startAuthentication,
  startRegistration,
  WebAuthnAbortService,
} from '@simplewebauthn/browser';

/** A challenge lives 120 s on the server; with less than this left, new options are fetched first. */
const FRESH_MS = 100_000;
/** A refusal this soon after fetching was the browser's, for want of a click, not the person's. */
const AT_ONCE_MS = 1000;

const ceremonies = { authenticate: startAuthentication, register: startRegistration };

const form = document.querySelector('form[data-key]');
const { response, client_state: clientState } = form.elements;
const button = form.querySelector('button[type=submit]');
const status = form.querySelector('[data-status]');
const label = button.textContent;
const { key, refresh, waiting, touch, again } = form.dataset;

let options = JSON.parse(form.dataset.options);
let loadedAt = performance.now();
let busy = false;

/** Why no key can be used here at all; null = it can. */
function obstacle() {
  if (window !== window.top) return 'framed';
  return isSecureContext && browserSupportsWebAuthn() ? null : 'unsupported';
}

function show(isWaiting, text) {
  busy = isWaiting;
  button.textContent = text;
  button.toggleAttribute('aria-busy', isWaiting);
  if (isWaiting) button.setAttribute('aria-disabled', 'true');
  else button.removeAttribute('aria-disabled');
  status.textContent = isWaiting ? `${waiting}. ${touch}` : '';
}

function send(value, state) {
  response.value = value;
  clientState.value = state;
  form.submit();
}

/** @returns a name of the fault that the server can map to words */
function nameOf(error) {
  const passedThrough = error.code === 'ERROR_PASSTHROUGH_SEE_CAUSE_PROPERTY';
  return (passedThrough ? error.cause?.name : error.code) ?? error.name;
}

async function renew() {
  const answer = await fetch(refresh || location.href, { headers: { Accept: 'application/json' } });
  if (!answer.ok) throw new Error('no new options');
  options = await answer.json();
  loadedAt = performance.now();
}

async function run() {
  show(true, waiting);
  const stale = performance.now() - loadedAt > FRESH_MS;
  try {
    if (stale) await renew();
    const askedAt = performance.now();
    try {
      const answer = await ceremonies[key]({ optionsJSON: options });
      send(JSON.stringify(answer), 'ready');
    } catch (error) {
      const refusedAtOnce = stale && performance.now() - askedAt < AT_ONCE_MS;
      if (error.code === 'ERROR_CEREMONY_ABORTED') show(false, label);
      else if (refusedAtOnce) show(false, again);
      else send('', `failed:${nameOf(error)}`);
    }
  } catch {
    // The sign-in itself is over, or we are away: the page says which.
    location.reload();
  }
}

const reason = obstacle();
if (reason) {
  clientState.value = 'no-webauthn';
  button.hidden = true;
  document.querySelector(`[data-problem=${reason}]`).hidden = false;
  form.querySelector('[data-nojs-main]').classList.replace('quiet', 'primary');
} else {
  clientState.value = 'ready';
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!busy) void run();
  });
  addEventListener('pagehide', () => WebAuthnAbortService.cancelCeremony());
  // A page from the browser's memory holds a challenge that may be spent.
  addEventListener('pageshow', (event) => event.persisted && location.reload());
}
