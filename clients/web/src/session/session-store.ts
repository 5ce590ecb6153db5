/** Who is signed in, known to everybody outside of React as well. */

import { create } from 'zustand'

import type { Profile } from '@/api/types'

/**
 * `unknown`: the page has just begun. `expired`: somebody was signed in and is not any more; what
 * they see stays, and they sign in again on top of it.
 */
export type SessionStatus = 'unknown' | 'signed_out' | 'signed_in' | 'expired'

interface SessionState {
  readonly status: SessionStatus
  readonly user: Profile | undefined
  signedIn: (user: Profile) => void
  signedOut: () => void
  expired: () => void
}

export const useSession = create<SessionState>()((set) => ({
  status: 'unknown',
  user: undefined,
  signedIn: (user) => set({ status: 'signed_in', user }),
  signedOut: () => set({ status: 'signed_out', user: undefined }),
  expired: () =>
    set((state) => ({ status: state.status === 'signed_in' ? 'expired' : state.status })),
}))

/** Return once somebody is signed in, or when `signal` gives up. */
export function untilSignedIn(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (useSession.getState().status !== 'signed_in' && !signal.aborted) return
      stop()
      signal.removeEventListener('abort', look)
      resolve()
    }
    const stop = useSession.subscribe(look)
    signal.addEventListener('abort', look)
    look()
  })
}
