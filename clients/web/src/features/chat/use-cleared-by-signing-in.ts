import { useEffect } from 'react'

import { useSession } from '@/session/session-store'

/** What failed because the session was over is no news once somebody has signed in again. */
export function useClearedBySigningIn(...calls: { reset: () => void }[]): void {
  const [first, second] = calls.map(({ reset }) => reset)
  useEffect(
    () =>
      useSession.subscribe((now, before) => {
        if (before.status !== 'expired' || now.status !== 'signed_in') return
        first?.()
        second?.()
      }),
    [first, second],
  )
}
