// Ticks all of a list at once, and says how many are ticked.
const form = document.querySelector('form[data-bulk]');
const ticks = [...form.querySelectorAll('input[name=who]')];
const all = form.querySelector('input[data-all]');
const count = form.querySelector('[data-count]');

function tell() {
  const ticked = ticks.filter(({ checked }) => checked).length;
  all.checked = ticked === ticks.length;
  all.indeterminate = ticked > 0 && ticked < ticks.length;
  count.textContent = ticked === 0 ? '' : `${count.dataset.count} ${ticked}`;
}

all.addEventListener('change', () => {
  for (const tick of ticks) tick.checked = all.checked;
  tell();
});
for (const tick of ticks) tick.addEventListener('change', tell);
// Back from the next page: browsers keep what was ticked.
addEventListener('pageshow', tell);
