// The service worker of the site: after the first visit every page, and the library, are there without a network.
// scripts/site/offline.mjs puts the list of files and its hash in.
const FILES = __FILES__;
const CACHE = 'adjoint-__VERSION__';

self.addEventListener('install', (event) => {
  // Ten at a time: a phone's connection has other things to do as well.
  const all = async () => {
    const cache = await caches.open(CACHE);
    for (let i = 0; i < FILES.length; i += 10) await cache.addAll(FILES.slice(i, i + 10));
    await self.skipWaiting();
  };
  event.waitUntil(all());
});

self.addEventListener('activate', (event) => {
  const tidy = async () => {
    for (const name of await caches.keys()) if (name.startsWith('adjoint-') && name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

/** What the cache has for a request; a page may be asked for without its ending. */
async function kept(request) {
  const cache = await caches.open(CACHE);
  const { pathname } = new URL(request.url);
  for (const path of [pathname, `${pathname}.html`, `${pathname}index.html`, `${pathname}/index.html`]) {
    const found = await cache.match(path);
    if (found) return found;
  }
  return undefined;
}

async function fetchAndKeep(request) {
  const response = await fetch(request);
  // Large files that not every visitor needs are kept once they were asked for.
  if (response.ok && response.type === 'basic') await (await caches.open(CACHE)).put(new URL(request.url).pathname, response.clone());
  return response;
}

/** With the headers under which pages and their workers may share memory, so that the library has threads; no other site is framed or opened here. */
function isolated(response) {
  // A redirection is for the browser to follow; nothing else can be said of it.
  if (response.status === 0) return response;
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== self.location.origin) return;
  // Pages come from the network while there is one, so that they are new; the files they name have their content in their names.
  const answer = request.mode === 'navigate'
    ? fetchAndKeep(request).catch(async (error) => (await kept(request)) ?? Promise.reject(error))
    : kept(request).then((found) => found ?? fetchAndKeep(request));
  event.respondWith(answer.then(isolated));
});
