// Softly stops a second click while a form is on its way; the server is idempotent by itself.
const AGAIN_AFTER_MS = 10_000;

/** @param {HTMLFormElement} form */
export function once(form) {
  let sentAt = -Infinity;
  form.addEventListener('submit', (event) => {
    if (performance.now() - sentAt < AGAIN_AFTER_MS) return event.preventDefault();
    sentAt = performance.now();
    event.submitter?.setAttribute('aria-disabled', 'true');
  });
  // Back from the next page: the form can be sent again.
  addEventListener('pageshow', () => {
    sentAt = -Infinity;
    form.querySelector('[aria-disabled]')?.removeAttribute('aria-disabled');
  });
}
