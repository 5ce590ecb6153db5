/**
 * Registers the service worker, which keeps the shell, and says when a new version is there.
 *
 * A page comes from the network while there is one, so it is newer than a worker that waits: that
 * one takes over at once. Only what arrives while the page is open is worth a question.
 */

import i18next from 'i18next'

import { toast } from '@/components/ui/toaster'

const LOOK_EVERY_MS = 60 * 60 * 1_000

export function startServiceWorker(): void {
  reloadForLostChunks()
  // It needs a secure context; a plain address in a local network is none.
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  // Without it everything works but opening offline.
  navigator.serviceWorker
    .register('/sw.js', { updateViaCache: 'none' })
    .then(watch)
    .catch(() => undefined)
}

function watch(registration: ServiceWorkerRegistration): void {
  registration.waiting?.postMessage('take-over')
  registration.addEventListener('updatefound', () => {
    const coming = registration.installing
    coming?.addEventListener('statechange', () => {
      // Without a controller it is the first one: there is nothing to replace.
      if (coming.state === 'installed' && navigator.serviceWorker.controller) offer(coming)
    })
  })
  let lookedAt = Date.now()
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible' || Date.now() - lookedAt < LOOK_EVERY_MS) return
    lookedAt = Date.now()
    registration.update().catch(() => undefined)
  })
}

function offer(coming: ServiceWorker): void {
  const run = () => {
    navigator.serviceWorker.addEventListener('controllerchange', () => window.location.reload(), {
      once: true,
    })
    coming.postMessage('take-over')
  }
  toast(i18next.t('app:newVersion'), { action: { label: i18next.t('app:reload'), run } })
}

const RELOADED_AT = 'rivulet-reloaded-at'
const NOT_AGAIN_FOR_MS = 60_000

/** After an update an open page asks for parts that are gone: begin anew, but not for ever. */
function reloadForLostChunks(): void {
  window.addEventListener('vite:preloadError', () => {
    if (Date.now() - Number(sessionStorage.getItem(RELOADED_AT)) < NOT_AGAIN_FOR_MS) return
    if (!navigator.onLine) return
    sessionStorage.setItem(RELOADED_AT, String(Date.now()))
    window.location.reload()
  })
}
