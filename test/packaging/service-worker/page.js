/* global location, navigator */
// Registers the service worker and asks it; `?module` for one that is an ES module.
const type = location.search === '?module' ? 'module' : 'classic';
navigator.serviceWorker.addEventListener('message', ({ data }) => (globalThis.results = data));
void navigator.serviceWorker
  .register('./worker.js', { type })
  .then(() => navigator.serviceWorker.ready)
  .then(({ active }) => active.postMessage('go'));
