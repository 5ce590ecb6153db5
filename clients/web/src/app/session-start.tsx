import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useState, type ReactNode } from 'react'

import { ErrorNote } from '@/components/error-note'
import { forgetDrafts } from '@/features/chat/drafts'
import { forgetTemporaryChats } from '@/features/temporary/temporary-chats'
import { resumeSession } from '@/session/session-calls'
import { useSession } from '@/session/session-store'
import { forgetAllReplies } from '@/streaming/reply-store'

import { PageLoading } from './page-loading'

const AGAIN_MS = 5_000

/** Finds out who is signed in before anything is shown, and forgets everything at signing out. */
export function SessionStart({ children }: { children: ReactNode }) {
  const status = useSession((state) => state.status)
  const [error, setError] = useState<unknown>()
  const client = useQueryClient()
  const start = useCallback(() => {
    resumeSession().then(() => setError(undefined), setError)
  }, [])
  useEffect(start, [start])
  useEffect(() => {
    if (error === undefined) return undefined
    // The network comes back, and so does a server that restarts: nobody has to ask for it.
    const again = setInterval(start, AGAIN_MS)
    window.addEventListener('online', start)
    return () => {
      clearInterval(again)
      window.removeEventListener('online', start)
    }
  }, [error, start])
  useEffect(
    () =>
      useSession.subscribe((now, before) => {
        // Nobody sees what somebody else has left.
        if (before.user === undefined || before.user.user_id === now.user?.user_id) return
        forgetAllReplies()
        forgetDrafts()
        forgetTemporaryChats()
        client.clear()
      }),
    [client],
  )
  if (error !== undefined) {
    return (
      <main className="grid h-full place-items-center p-4">
        <ErrorNote error={error} retry={start} />
      </main>
    )
  }
  return status === 'unknown' ? <PageLoading /> : children
}
