import { useCallback } from 'react'

import type { Conversation, Message } from '@/api/types'
import { useErrorSentence } from '@/api/use-error-sentence'
import { toast } from '@/components/ui/toaster'
import { isTemporary } from '@/features/temporary/temporary-chats'
import { tuningOfConversation } from '@/features/tuning/use-tuning'
import { useLatest } from '@/components/use-latest'

import { useRetryReply, useSendPrompt } from './use-send-prompt'

/** Asks for another answer, or puts a question anew; the functions stay the same. */
export function useAskAgain(conversation: Conversation) {
  const id = conversation.conversation_id
  const sentence = useErrorSentence()
  const { mutate: sendAgain } = useRetryReply(id)
  const { mutate: send } = useSendPrompt()
  const now = useLatest({ conversation, sentence })
  const onError = useCallback(
    (cause: unknown) => toast(now().sentence(cause), { tone: 'error' }),
    [now],
  )
  const retry = useCallback(
    (message: Message) => sendAgain(message, { onError }),
    [sendAgain, onError],
  )
  const resend = useCallback(
    ({ model, parent_id }: Message, content: string) => {
      const tuning = tuningOfConversation(now().conversation)
      const place = { conversationId: id, parentId: parent_id, temporary: isTemporary(id) }
      send({ content, model, tuning, ...place }, { onError })
    },
    [send, onError, now, id],
  )
  return { retry, resend }
}
