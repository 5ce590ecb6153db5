/** Which conversations have a reply that is being written, here or on another device. */

import { useMemo } from 'react'
import { create } from 'zustand'

interface RunningState {
  /** The conversation of each reply that runs. */
  readonly byReply: Readonly<Record<string, string>>
}

export const useRunningReplies = create<RunningState>()(() => ({ byReply: {} }))

export function replyRuns(replyId: string, conversationId: string): void {
  useRunningReplies.setState(({ byReply }) => ({
    byReply: { ...byReply, [replyId]: conversationId },
  }))
}

export function replyHasEnded(replyId: string): void {
  useRunningReplies.setState(({ byReply }) => {
    const rest = Object.entries(byReply).filter(([id]) => id !== replyId)
    return { byReply: Object.fromEntries(rest) }
  })
}

export function useRunningConversations(): ReadonlySet<string> {
  const byReply = useRunningReplies((state) => state.byReply)
  return useMemo(() => new Set(Object.values(byReply)), [byReply])
}
