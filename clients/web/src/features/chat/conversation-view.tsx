import { useSuspenseQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'

import type { Message } from '@/api/types'
import { useErrorSentence } from '@/api/use-error-sentence'
import { toast } from '@/components/ui/toaster'
import { changeOpened, openedConversation } from '@/features/conversations/conversation-queries'
import { useChangeConversation } from '@/features/conversations/use-conversation-changes'

import { AssistantMessage } from './assistant-message'
import { ChatFooter } from './chat-footer'
import { MessageList } from './message-list'
import { branchThrough, shownBranch } from './message-tree'
import { useRetryReply, useSendPrompt } from './use-send-prompt'
import { UserMessage } from './user-message'

/** One conversation: the branch that is shown, and the composer. */
export function ConversationView({ id }: { id: string }) {
  const { data: opened } = useSuspenseQuery(openedConversation(id))
  const branch = useMemo(() => shownBranch(opened), [opened])
  const choose = useChooseBranch(id)
  const { retry, resend } = useAskAgain(id)
  return (
    <MessageList footer={<ChatFooter conversation={opened.conversation} branch={branch} />}>
      {branch.map(({ message, siblings }) => {
        const props = { message, siblings, choose, id: message.message_id }
        return (
          <div key={message.message_id} className="pb-5">
            {message.role === 'user' ? (
              <UserMessage {...props} resend={resend} />
            ) : (
              <AssistantMessage {...props} retry={retry} />
            )}
          </div>
        )
      })}
    </MessageList>
  )
}

function useChooseBranch(id: string): (messageId: string) => void {
  const client = useQueryClient()
  const { mutate } = useChangeConversation()
  return useCallback(
    (messageId) => {
      changeOpened(client, id, (opened) => ({
        ...opened,
        branch: branchThrough(opened.messages, messageId),
      }))
      mutate({ id, change: { leaf_id: messageId } })
    },
    [client, id, mutate],
  )
}

function useAskAgain(id: string) {
  const sentence = useErrorSentence()
  const { mutate: sendAgain } = useRetryReply(id)
  const { mutate: send } = useSendPrompt()
  const onError = (cause: unknown) => toast(sentence(cause), { tone: 'error' })
  const retry = (message: Message) => sendAgain(message, { onError })
  const resend = ({ model, parent_id }: Message, content: string) =>
    send({ content, model, conversationId: id, parentId: parent_id }, { onError })
  return { retry, resend }
}
