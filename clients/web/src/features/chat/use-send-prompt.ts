/** Says something in a conversation, and shows it there before the server's history has it. */

import { useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useNavigate } from 'react-router'

import { api, dataOf } from '@/api/client'
import type { AcceptedPrompt, Message, OpenedConversation, PromptRequest } from '@/api/types'
import { changeOpened, conversationKeys } from '@/features/conversations/conversation-queries'
import { replyRuns } from '@/features/conversations/running-conversations'
import { followReply } from '@/streaming/reply-store'

import { withMessages } from './message-tree'
import { promptAnswered, promptKey, randomKey } from './prompt-key'

export interface Prompt {
  content: string
  model: string
  /** Absent: it begins a conversation. */
  conversationId?: string | undefined
  /** The reply that it answers; null: none, it is another beginning. */
  parentId: string | null
}

export function useSendPrompt() {
  const client = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: async (prompt: Prompt) => {
      const body = requestOf(prompt)
      const headers = { 'Idempotency-Key': promptKey(body) }
      const accepted = await dataOf(api.POST('/api/prompts', { params: { header: headers }, body }))
      promptAnswered()
      return accepted
    },
    onSuccess: (accepted, prompt) => {
      const id = accepted.conversation_id
      if (id === null) return
      const added = messagesOf(accepted, prompt)
      if (prompt.conversationId === undefined) begin(client, id, prompt, added)
      else changeOpened(client, id, (opened) => withMessages(opened, added))
      startReading(client, accepted.reply_id, id)
      if (prompt.conversationId === undefined) void navigate(`/c/${id}`)
    },
  })
}

/** Asks for another answer to the same question, beside the first. */
export function useRetryReply(conversationId: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ reply_id }: Message) =>
      dataOf(
        api.POST('/api/replies/{reply_id}/retry', {
          params: {
            path: { reply_id: reply_id ?? '' },
            header: { 'Idempotency-Key': randomKey() },
          },
        }),
      ),
    onSuccess: (accepted, { model, parent_id }) => {
      const added = { ...pendingReply(accepted, model), parent_id }
      changeOpened(client, conversationId, (opened) => withMessages(opened, [added]))
      startReading(client, accepted.reply_id, conversationId)
    },
  })
}

function requestOf({ content, model, conversationId, parentId }: Prompt): PromptRequest {
  const begun = { model, content }
  if (conversationId === undefined) return begun
  return { ...begun, conversation_id: conversationId, parent_id: parentId ?? '' }
}

function startReading(client: QueryClient, replyId: string, conversationId: string): void {
  followReply(replyId)
  replyRuns(replyId, conversationId)
  void client.invalidateQueries({ queryKey: conversationKeys.lists })
}

function messagesOf(accepted: AcceptedPrompt, { content, model, parentId }: Prompt): Message[] {
  const question: Message = {
    ...pendingReply(accepted, model),
    message_id: accepted.user_message_id,
    parent_id: parentId,
    role: 'user',
    content,
    status: 'sent',
    reply_id: null,
  }
  return [question, pendingReply(accepted, model)]
}

function pendingReply(accepted: AcceptedPrompt, model: string): Message {
  return {
    message_id: accepted.assistant_message_id,
    parent_id: accepted.user_message_id,
    role: 'assistant',
    content: '',
    status: 'pending',
    model,
    reply_id: accepted.reply_id,
    created_at_ms: Date.now(),
    finish_reason: null,
    error: null,
    omitted_messages: accepted.omitted_messages ?? 0,
    feedback: null,
  }
}

function begin(
  client: QueryClient,
  id: string,
  { model, content }: Prompt,
  added: Message[],
): void {
  const now = Date.now()
  const empty: OpenedConversation = {
    conversation: {
      conversation_id: id,
      title: content.slice(0, 80),
      model,
      system: '',
      params: {},
      pinned: false,
      archived: false,
      leaf_id: null,
      share_path: null,
      created_at_ms: now,
      updated_at_ms: now,
    },
    messages: [],
    branch: [],
  }
  client.setQueryData<OpenedConversation>(conversationKeys.one(id), withMessages(empty, added))
}
