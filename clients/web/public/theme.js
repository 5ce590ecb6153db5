// Puts the chosen theme on the page before it is painted; src/app/theme.ts changes it later.
;(function () {
  var chosen = localStorage.getItem('rivulet-theme')
  var dark = chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
  document.documentElement.classList.toggle('dark', dark)
})()
