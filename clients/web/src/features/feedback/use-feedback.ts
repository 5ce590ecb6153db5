/** Says what the user thinks of an answer; it is shown at once, and put back if it fails. */

import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, dataOf } from '@/api/client'
import type { Feedback, Message, OpenedConversation } from '@/api/types'
import { useErrorSentence } from '@/api/use-error-sentence'
import { toast } from '@/components/ui/toaster'
import { changeOpened, conversationKeys } from '@/features/conversations/conversation-queries'

export interface Opinion {
  messageId: string
  /** `null` takes back what was said before. */
  feedback: Feedback | null
}

export function useFeedback(conversationId: string) {
  const client = useQueryClient()
  const sentence = useErrorSentence()
  const show = (messageId: string, feedback: Feedback | null) =>
    changeOpened(client, conversationId, (opened) => withFeedback(opened, messageId, feedback))
  return useMutation({
    // One after the other: what was said last counts.
    scope: { id: `feedback-${conversationId}` },
    mutationFn: ({ messageId, feedback }: Opinion) =>
      dataOf(
        api.PUT('/api/conversations/{conversation_id}/messages/{message_id}/feedback', {
          params: { path: { conversation_id: conversationId, message_id: messageId } },
          body: feedback ?? { rating: 'none', reason: '' },
        }),
      ),
    onMutate: ({ messageId, feedback }: Opinion) => {
      const opened = client.getQueryData<OpenedConversation>(conversationKeys.one(conversationId))
      const before = opened ? feedbackOf(opened, messageId) : null
      show(messageId, feedback)
      return { before }
    },
    onError: (cause, { messageId }, kept) => {
      show(messageId, kept?.before ?? null)
      toast(sentence(cause), { tone: 'error' })
    },
  })
}

function feedbackOf({ messages }: OpenedConversation, messageId: string): Feedback | null {
  return messages.find(({ message_id }) => message_id === messageId)?.feedback ?? null
}

function withFeedback(
  opened: OpenedConversation,
  messageId: string,
  feedback: Feedback | null,
): OpenedConversation {
  const changed = (message: Message) =>
    message.message_id === messageId ? { ...message, feedback } : message
  return { ...opened, messages: opened.messages.map(changed) }
}
