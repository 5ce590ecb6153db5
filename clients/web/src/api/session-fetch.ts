/** `fetch` within a browser's session: proves that the page is ours, and renews what has expired. */

import { renewSession } from '@/session/renewal'
import { useSession } from '@/session/session-store'

import { CSRF_HEADER, csrfToken } from './csrf'

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])
const UNAUTHORIZED = 401

/** Like `fetch`; a 401 comes back only when the session is really over. */
export async function sessionFetch(input: Request): Promise<Response> {
  const request = input.clone()
  const token = csrfToken()
  const response = await fetch(withToken(input, token))
  if (response.status !== UNAUTHORIZED || (await isWrongPassword(request, response)))
    return response
  if (!(await renewSession(token))) {
    useSession.getState().expired()
    return response
  }
  await response.body?.cancel()
  return fetch(withToken(request, csrfToken()))
}

function withToken(request: Request, token: string | undefined): Request {
  if (token !== undefined && !SAFE_METHODS.has(request.method)) {
    request.headers.set(CSRF_HEADER, token)
  }
  return request
}

/** A wrong password is a 401 as well, and no reason to renew anything. */
async function isWrongPassword(request: Request, response: Response): Promise<boolean> {
  if (new URL(request.url).pathname.startsWith('/api/auth/')) return true
  if (SAFE_METHODS.has(request.method)) return false
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined)
  return (body as { error?: { code?: string } } | undefined)?.error?.code === 'wrong_credentials'
}
