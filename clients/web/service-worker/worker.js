/**
 * Keeps the shell of the client, so that it opens without a network; never an answer of the API.
 *
 * The build puts the two lists in (scripts/service-worker.mjs). A page comes from the network while
 * there is one, so nobody gets an old shell after an update; hashed files never change.
 */

const VERSION = '__VERSION__'
const SHELL = __SHELL__
const CACHE = `rivulet-${VERSION}`
const INDEX = '/index.html'
// What the gateway answers itself: gateway/web_client.py.
const RESERVED = /^\/(api|v1|ws|docs|metrics)(\/|$)/
const AS_STORED = { ignoreVary: true }

self.addEventListener('install', (event) => {
  // Past the browser's own cache: it may hold an older page.
  const shell = SHELL.map((path) => new Request(path, { cache: 'no-cache' }))
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(shell)))
})

self.addEventListener('activate', (event) => {
  event.waitUntil(forgetOlder().then(() => self.clients.claim()))
})

self.addEventListener('message', (event) => {
  if (event.data === 'take-over') event.waitUntil(self.skipWaiting())
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== self.location.origin || RESERVED.test(pathname)) return
  if (request.mode === 'navigate') event.respondWith(page(request))
  else if (pathname.startsWith('/assets/')) event.respondWith(hashed(request))
  else if (SHELL.includes(pathname)) event.respondWith(fromNetworkFirst(request, pathname))
})

function page(request) {
  return fromNetworkFirst(request, INDEX)
}

async function fromNetworkFirst(request, stored) {
  try {
    return await fetch(request)
  } catch (cause) {
    const kept = await caches.match(stored, AS_STORED)
    if (kept) return kept
    throw cause
  }
}

async function hashed(request) {
  const kept = await caches.match(request, AS_STORED)
  if (kept) return kept
  const response = await fetch(request)
  if (response.ok) {
    const cache = await caches.open(CACHE)
    await cache.put(request, response.clone())
  }
  return response
}

async function forgetOlder() {
  const names = await caches.keys()
  const older = names.filter((name) => name.startsWith('rivulet-') && name !== CACHE)
  await Promise.all(older.map((name) => caches.delete(name)))
}
