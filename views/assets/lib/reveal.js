// "Show password", and the notice that Caps Lock is on.

/** @param {HTMLButtonElement} button */
export function reveal(button) {
  const input = document.getElementById(button.dataset.reveal);
  const show = (visible) => {
    input.type = visible ? 'text' : 'password';
    button.setAttribute('aria-pressed', String(visible));
  };
  button.addEventListener('click', () => show(input.type === 'password'));
  // Never left readable on the way out, also for the browser's form history.
  input.form.addEventListener('submit', () => show(false));
}

/** @param {HTMLElement} notice */
export function capsLock(notice) {
  const input = document.getElementById(notice.dataset.caps);
  const tell = (event) => {
    notice.textContent = event.getModifierState?.('CapsLock') ? notice.dataset.text : '';
  };
  input.addEventListener('keydown', tell);
  input.addEventListener('keyup', tell);
  input.addEventListener('blur', () => (notice.textContent = ''));
}
