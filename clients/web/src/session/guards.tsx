import { Navigate, Outlet, useLocation } from 'react-router'

import { useSession } from './session-store'

/** Lets nobody in who is not signed in, and remembers where they wanted to go. */
export function SignedInOnly() {
  const status = useSession((state) => state.status)
  const { pathname, search } = useLocation()
  if (status === 'signed_out')
    return <Navigate to="/login" replace state={{ to: pathname + search }} />
  return <Outlet />
}

/** Sends on whoever is signed in already. */
export function SignedOutOnly() {
  const status = useSession((state) => state.status)
  const state = useLocation().state as { to?: string } | null
  if (status !== 'signed_out') return <Navigate to={state?.to ?? '/'} replace />
  return <Outlet />
}
