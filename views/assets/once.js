import { once } from './lib/once.js';

document.querySelectorAll('form[data-once]').forEach(once);
