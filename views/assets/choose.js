// Takes a method away that this browser cannot use, and says so.
import { browserSupportsWebAuthn } from '@simplewebauthn/browser';
import { once } from './lib/once.js';

document.querySelectorAll('form[data-once]').forEach(once);

const works = { 'security-key': () => isSecureContext && browserSupportsWebAuthn() };

const radios = [...document.querySelectorAll('input[type=radio]')];
for (const radio of radios) {
  if (works[radio.value]?.() ?? true) continue;
  const name = radio.closest('label').querySelector('[data-unavailable]');
  name.textContent = name.dataset.unavailable;
  radio.disabled = true;
  radio.checked = false;
}
if (!radios.some((radio) => radio.checked)) radios.find((radio) => !radio.disabled)?.click();
