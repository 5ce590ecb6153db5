/** The calls that begin and end sessions. */

import { api, dataOf } from '@/api/client'
import { csrfToken } from '@/api/csrf'
import { errorOf } from '@/api/api-error'
import type { Profile } from '@/api/types'

import { useSession } from './session-store'

export interface Credentials {
  email: string
  password: string
}

export interface Registration extends Credentials {
  name: string
  code: string
}

const UNAUTHORIZED = 401
const BROWSER = { session: 'cookie', device: '' } as const

export async function signIn({ email, password }: Credentials): Promise<Profile> {
  const body = { email, password, ...BROWSER }
  const { user } = await dataOf(api.POST('/api/auth/login', { body }))
  useSession.getState().signedIn(user)
  return user
}

export async function register({ code, ...person }: Registration): Promise<Profile> {
  const body = { ...person, ...(code.trim() === '' ? {} : { code: code.trim() }), ...BROWSER }
  const { user } = await dataOf(api.POST('/api/auth/register', { body }))
  useSession.getState().signedIn(user)
  return user
}

export async function signOut(): Promise<void> {
  await dataOf(api.POST('/api/auth/logout', {}))
  useSession.getState().signedOut()
}

/** Find out at the start whether this browser has a session. */
export async function resumeSession(): Promise<void> {
  // The cookie lasts as long as the session can; without it nobody is signed in.
  if (csrfToken() === undefined) {
    useSession.getState().signedOut()
    return
  }
  try {
    useSession.getState().signedIn(await dataOf(api.GET('/api/me', {})))
  } catch (cause) {
    if (errorOf(cause).status !== UNAUTHORIZED) throw cause
    useSession.getState().signedOut()
  }
}
