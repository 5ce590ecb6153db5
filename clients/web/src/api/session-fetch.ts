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
  if (response.status !== UNAUTHORIZED || isAuthCall(request)) return response
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
function isAuthCall(request: Request): boolean {
  return new URL(request.url).pathname.startsWith('/api/auth/')
}
