/** The readable half of a browser's session: repeated in a header, it proves that a page is ours. */

export const CSRF_HEADER = 'X-CSRF-Token'
const COOKIE = 'rivulet_csrf'

/** Return the token; `undefined` without a session. It changes whenever a session is renewed. */
export function csrfToken(): string | undefined {
  const prefix = `${COOKIE}=`
  const found = document.cookie.split('; ').find((cookie) => cookie.startsWith(prefix))
  return found?.slice(prefix.length)
}
