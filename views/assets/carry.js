// Carries the values of the provider on to where they belong; without script there is a button.
document.querySelector('form[data-carry]').submit();
