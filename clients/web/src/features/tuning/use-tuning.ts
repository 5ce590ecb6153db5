/** How the model answers in a conversation, and in the one that is begun next. */

import { useQueryClient } from '@tanstack/react-query'
import { create } from 'zustand'

import { api, dataOf } from '@/api/client'
import type { Conversation } from '@/api/types'
import { changeOpened } from '@/features/conversations/conversation-queries'
import { isTemporary } from '@/features/temporary/temporary-chats'

import { UNTUNED, type Tuning } from './tuning-form'

/** Of the chat that does not exist yet; it goes with the page. */
export const useNewTuning = create<{ tuning: Tuning }>()(() => ({ tuning: UNTUNED }))

export function tuningOfConversation({ system, params }: Conversation): Tuning {
  return { system, params }
}

/** Return a function that keeps a tuning where it belongs; it rejects with why it is not kept. */
export function useKeepTuning(conversation: Conversation | undefined) {
  const client = useQueryClient()
  return async (tuning: Tuning): Promise<void> => {
    if (conversation === undefined) {
      useNewTuning.setState({ tuning })
      return
    }
    const id = conversation.conversation_id
    const { system, params } = tuning
    const changed = isTemporary(id)
      ? { ...conversation, system, params: params as Conversation['params'] }
      : await dataOf(
          api.PATCH('/api/conversations/{conversation_id}', {
            params: { path: { conversation_id: id } },
            body: { system, params },
          }),
        )
    changeOpened(client, id, (opened) => ({ ...opened, conversation: changed }))
  }
}
