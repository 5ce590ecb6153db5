/** What can be done with a conversation; it is shown as done at once, and put back if it fails. */

import { useMutation, useQueryClient } from '@tanstack/react-query'

import { errorOf } from '@/api/api-error'
import { api, dataOf } from '@/api/client'
import type { ConversationChange } from '@/api/types'
import { useErrorSentence } from '@/api/use-error-sentence'
import { toast } from '@/components/ui/toaster'

import { changeListed, changeOpened, conversationKeys } from './conversation-queries'
import { endDeletion } from './pending-deletions'

interface Change {
  id: string
  change: ConversationChange
}

export function useChangeConversation() {
  const client = useQueryClient()
  const sentence = useErrorSentence()
  return useMutation({
    mutationFn: ({ id, change }: Change) =>
      dataOf(
        api.PATCH('/api/conversations/{conversation_id}', {
          params: { path: { conversation_id: id } },
          body: change,
        }),
      ),
    onMutate: ({ id, change }: Change) => {
      const { title, pinned, archived } = change
      changeListed(client, id, (entry) => ({
        ...entry,
        title: title ?? entry.title,
        pinned: pinned ?? entry.pinned,
        archived: archived ?? entry.archived,
      }))
      // It is in the other list then.
      if (archived != null) changeListed(client, id, () => undefined)
    },
    onSuccess: (conversation, { id }) =>
      changeOpened(client, id, (opened) => ({ ...opened, conversation })),
    onError: (cause) => toast(sentence(cause), { tone: 'error' }),
    // It is done, and nobody waits for the lists.
    onSettled: () => void client.invalidateQueries({ queryKey: conversationKeys.lists }),
  })
}

export function useDeleteConversation() {
  const client = useQueryClient()
  const sentence = useErrorSentence()
  return useMutation({
    mutationFn: (id: string) => deleteConversation(id),
    onSuccess: (_, id) => {
      endDeletion(id)
      client.removeQueries({ queryKey: conversationKeys.one(id) })
    },
    onError: (cause, id) => {
      endDeletion(id)
      toast(sentence(cause), { tone: 'error' })
    },
    onSettled: () => client.invalidateQueries({ queryKey: conversationKeys.lists }),
  })
}

const NOT_FOUND = 404

/** One that is gone already, by another tab for instance, is deleted. */
async function deleteConversation(id: string): Promise<void> {
  try {
    const params = { path: { conversation_id: id } }
    await dataOf(api.DELETE('/api/conversations/{conversation_id}', { params }))
  } catch (cause) {
    if (errorOf(cause).status !== NOT_FOUND) throw cause
  }
}
