import { once } from './lib/once.js';
import { capsLock, reveal } from './lib/reveal.js';

document.querySelectorAll('form[data-once]').forEach(once);
document.querySelectorAll('[data-reveal]').forEach(reveal);
document.querySelectorAll('[data-caps]').forEach(capsLock);
