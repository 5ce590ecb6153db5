/**
 * Renews a session whose access cookie has expired, once for all calls and tabs that need it.
 *
 * A refresh token is good once, and a second use ends its session; so tabs take turns. Whoever
 * comes second sees by the CSRF cookie, which changes with each renewal, that it is done already.
 */

import { CSRF_HEADER, csrfToken } from '@/api/csrf'

import { exclusively } from './tab-lock'

let running: Promise<boolean> | undefined

/** Renew the session that had `known` as its CSRF token; tell whether there is one now. */
export function renewSession(known: string | undefined): Promise<boolean> {
  running ??= exclusively('rivulet-session', () => renew(known)).finally(() => {
    running = undefined
  })
  return running
}

async function renew(known: string | undefined): Promise<boolean> {
  const token = csrfToken()
  if (token === undefined) return false
  if (token !== known) return true
  const response = await fetch('/api/auth/refresh', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', [CSRF_HEADER]: token },
    body: '{}',
    // A page that is left now must still get the new token, or the session is lost.
    keepalive: true,
  })
  if (response.status >= 500) throw new TypeError('The session cannot be renewed now.')
  return response.ok
}
