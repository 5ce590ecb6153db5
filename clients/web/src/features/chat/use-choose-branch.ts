import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'

import { holdBranch } from '@/features/conversations/chosen-branches'
import { changeOpened, conversationKeys } from '@/features/conversations/conversation-queries'
import { useChangeConversation } from '@/features/conversations/use-conversation-changes'
import { isTemporary } from '@/features/temporary/temporary-chats'

import { branchThrough } from './message-tree'

/** Shows the branch through a message, and has it shown the next time. */
export function useChooseBranch(id: string): (messageId: string) => void {
  const client = useQueryClient()
  const { mutateAsync } = useChangeConversation()
  return useCallback(
    (messageId) => {
      changeOpened(client, id, (opened) => ({
        ...opened,
        branch: branchThrough(opened.messages, messageId),
      }))
      if (isTemporary(id)) return
      const known = mutateAsync({ id, change: { leaf_id: messageId } })
      void holdBranch(id, messageId, known).then(() =>
        // Also instead of a read that began before the server knew it.
        client.invalidateQueries({ queryKey: conversationKeys.one(id) }),
      )
    },
    [client, id, mutateAsync],
  )
}
