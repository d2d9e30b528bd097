// Shows the page that asks "are you sure" as a dialog over the page that leads to it. Without script, or when it is
// another page that comes, as after a proof that has aged, the browser just goes there.
import { once } from './lib/once.js';

/** Builds the dialog out of the page's one form. */
function dialogOf(page) {
  const form = page.querySelector('main form');
  const title = page.querySelector('main h1');
  const lead = page.querySelector('main header p');
  if (!form || !title || !lead) return null;
  const dialog = document.createElement('dialog');
  const heading = document.createElement('h2');
  heading.id = 'confirm-title';
  heading.textContent = title.textContent;
  const text = document.createElement('p');
  text.id = 'confirm-text';
  text.className = 'muted';
  text.textContent = lead.textContent;
  form.classList.remove('panel');
  form.querySelector('.body').prepend(heading, text);
  dialog.setAttribute('aria-labelledby', heading.id);
  dialog.setAttribute('aria-describedby', text.id);
  dialog.append(document.importNode(form, true));
  return dialog;
}

function open(dialog, opener) {
  document.body.append(dialog);
  const form = dialog.querySelector('form');
  const cancel = dialog.querySelector('[data-cancel]');
  once(form);
  cancel?.addEventListener('click', (event) => {
    event.preventDefault();
    dialog.close();
  });
  dialog.addEventListener('close', () => {
    dialog.remove();
    opener?.focus();
  });
  dialog.showModal();
  (form.querySelector('input:not([type=hidden])') ?? cancel)?.focus();
}

document.querySelectorAll('form[data-confirm]').forEach((form) => {
  let asking = false;
  form.addEventListener('submit', async (event) => {
    const { submitter } = event;
    if (submitter?.hasAttribute('formaction')) return;
    event.preventDefault();
    if (asking) return;
    asking = true;
    const url = new URL(form.action);
    url.search = new URLSearchParams(new FormData(form));
    const opener = document.activeElement;
    try {
      const answer = await fetch(url, { credentials: 'same-origin' });
      const here = answer.ok && new URL(answer.url).pathname === url.pathname;
      const dialog =
        here && dialogOf(new DOMParser().parseFromString(await answer.text(), 'text/html'));
      if (dialog) open(dialog, opener);
      else location.assign(url);
    } catch {
      location.assign(url);
    } finally {
      asking = false;
    }
  });
});
