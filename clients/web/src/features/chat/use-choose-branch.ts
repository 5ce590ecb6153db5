import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'

import { changeOpened } from '@/features/conversations/conversation-queries'
import { useChangeConversation } from '@/features/conversations/use-conversation-changes'
import { isTemporary } from '@/features/temporary/temporary-chats'

import { branchThrough } from './message-tree'

/** Shows the branch through a message, and has it shown the next time. */
export function useChooseBranch(id: string): (messageId: string) => void {
  const client = useQueryClient()
  const { mutate } = useChangeConversation()
  return useCallback(
    (messageId) => {
      changeOpened(client, id, (opened) => ({
        ...opened,
        branch: branchThrough(opened.messages, messageId),
      }))
      if (!isTemporary(id)) mutate({ id, change: { leaf_id: messageId } })
    },
    [client, id, mutate],
  )
}
