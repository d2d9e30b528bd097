// Recovery codes: copies and prints what the page shows, in the same order under the same numbers.
import { once } from './lib/once.js';

document.querySelectorAll('form[data-once]').forEach(once);

const list = document.querySelector('.codes');
const status = document.querySelector('[data-status]');
const copy = document.querySelector('[data-copy]');

const lines = () =>
  [...list.querySelectorAll('code')].map((code, i) => `${i + 1}. ${code.textContent}`).join('\n');

/** Where the browser does not let us write, the codes are ready to be copied by hand. */
function selectAll() {
  const range = document.createRange();
  range.selectNodeContents(list);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}

copy.addEventListener('click', async () => {
  try {
    await navigator.clipboard.writeText(lines());
    // Said again at a second click: emptied first, so that it is a change.
    status.textContent = '';
    requestAnimationFrame(() => (status.textContent = status.dataset.copied));
    copy.querySelector('span').textContent = status.dataset.copied;
  } catch {
    selectAll();
  }
});
document.querySelector('[data-print]').addEventListener('click', () => print());

// The codes are shown once: a page from the browser's memory must not show them again.
addEventListener('pageshow', (event) => event.persisted && location.reload());
