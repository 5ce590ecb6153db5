/** Puts a reply's text into its conversation when it has ended, and then has the stored one read. */

import { notifyManager, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'

import type { Message, OpenedConversation } from '@/api/types'
import { conversationKeys } from '@/features/conversations/conversation-queries'
import { replyHasEnded } from '@/features/conversations/running-conversations'
import { forgetReply, onReplyEnd, restWhileHidden } from '@/streaming/reply-store'
import type { ReplyView } from '@/streaming/reply-view'

export function useFinishedReplies(): void {
  const client = useQueryClient()
  useEffect(restWhileHidden, [])
  useEffect(() => onReplyEnd((replyId, view) => finish(client, replyId, view)), [client])
}

function finish(client: QueryClient, replyId: string, view: ReplyView): void {
  replyHasEnded(replyId)
  for (const [, opened] of client.getQueriesData<OpenedConversation>({
    queryKey: ['conversation'],
  })) {
    if (!opened?.messages.some(({ reply_id }) => reply_id === replyId)) continue
    const key = conversationKeys.one(opened.conversation.conversation_id)
    client.setQueryData<OpenedConversation>(key, {
      ...opened,
      messages: opened.messages.map((message) =>
        message.reply_id === replyId ? finished(message, view) : message,
      ),
    })
    void client.invalidateQueries({ queryKey: key })
  }
  void client.invalidateQueries({ queryKey: conversationKeys.lists })
  // Not before who shows the conversation has heard of the text, or it would be empty for a moment.
  notifyManager.schedule(() => forgetReply(replyId))
}

function finished(message: Message, view: ReplyView): Message {
  return {
    ...message,
    content: view.text,
    status: view.status ?? 'completed',
    finish_reason: view.finishReason ?? null,
    error: view.error ? { code: view.error.code, message: view.error.message } : null,
  }
}
