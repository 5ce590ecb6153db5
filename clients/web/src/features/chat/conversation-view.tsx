import { useSuspenseQuery } from '@tanstack/react-query'
import { useMemo } from 'react'

import { cn } from '@/components/class-names'
import { ShareButton } from '@/features/sharing/share-button'
import { isTemporary } from '@/features/temporary/temporary-chats'
import { TemporaryNote } from '@/features/temporary/temporary-note'
import { openedConversation } from '@/features/conversations/conversation-queries'

import { AssistantMessage } from './assistant-message'
import { ChatFooter } from './chat-footer'
import { ChatHeader } from './chat-header'
import { MessageList } from './message-list'
import { shownBranch } from './message-tree'
import { useAskAgain } from './use-ask-again'
import { useCopyAnswer } from './use-copy-answer'
import { useChooseBranch } from './use-choose-branch'
import { useFoundMessage } from './use-found-message'
import { UserMessage } from './user-message'

/** One conversation: the branch that is shown, and the composer. */
export function ConversationView({ id }: { id: string }) {
  const { data: opened } = useSuspenseQuery(openedConversation(id))
  const branch = useMemo(() => shownBranch(opened), [opened])
  const temporary = isTemporary(id)
  useCopyAnswer(branch)
  const choose = useChooseBranch(id)
  const found = useFoundMessage(opened.messages, branch, choose)
  const { retry, resend } = useAskAgain(opened.conversation)
  const footer = (
    <ChatFooter conversation={opened.conversation} branch={branch} temporary={temporary} />
  )
  return (
    <>
      <ChatHeader title={opened.conversation.title}>
        {!temporary && (
          <ShareButton
            conversation={opened.conversation}
            leafId={
              branch.findLast(({ message }) => message.status !== 'pending')?.message.message_id
            }
          />
        )}
      </ChatHeader>
      {temporary && (
        <div className="mx-auto w-full max-w-3xl px-4 pt-3 pb-1">
          <TemporaryNote />
        </div>
      )}
      <MessageList found={found} footer={footer}>
        {branch.map(({ message, siblings }, index) => {
          const props = { message, siblings, choose, id: message.message_id }
          return (
            <div
              key={message.message_id}
              className={cn('pb-5', index === found.index && 'animate-found')}
            >
              {message.role === 'user' ? (
                <UserMessage {...props} resend={resend} />
              ) : (
                <AssistantMessage {...props} retry={retry} ratedIn={temporary ? undefined : id} />
              )}
            </div>
          )
        })}
      </MessageList>
    </>
  )
}
