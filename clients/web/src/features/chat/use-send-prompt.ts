/** Says something in a conversation, and shows it there before the server's history has it. */

import { useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useNavigate } from 'react-router'

import { api, dataOf } from '@/api/client'
import type { Message, OpenedConversation, PromptRequest } from '@/api/types'
import { releaseBranch } from '@/features/conversations/chosen-branches'
import { changeOpened, conversationKeys } from '@/features/conversations/conversation-queries'
import { replyRuns } from '@/features/conversations/running-conversations'
import { beginTemporary } from '@/features/temporary/temporary-chats'
import { UNTUNED, type Tuning } from '@/features/tuning/tuning-form'
import { useNewTuning } from '@/features/tuning/use-tuning'
import { followReply } from '@/streaming/reply-store'

import { begunConversation, messagesOf, pendingReply } from './expected-messages'
import { withMessages } from './message-tree'
import { beginning, begun } from './tuned-beginning'
import { promptAnswered, promptKey, randomKey } from './prompt-key'

export interface Prompt {
  content: string
  model: string
  /** Absent: it begins a conversation. */
  conversationId?: string | undefined
  /** The reply that it answers; null: none, it is another beginning. */
  parentId: string | null
  /** Nobody keeps it. */
  temporary: boolean
  /** Of the conversation that it begins, or of a temporary one. */
  tuning: Tuning
}

export function useSendPrompt() {
  const client = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: async (prompt: Prompt) => {
      const body = await requestOf(prompt)
      const headers = { 'Idempotency-Key': promptKey(body) }
      const accepted = await dataOf(api.POST('/api/prompts', { params: { header: headers }, body }))
      promptAnswered()
      begun()
      return accepted
    },
    onSuccess: (accepted, prompt) => {
      const id = accepted.conversation_id
      if (id === null) return
      const added = messagesOf(accepted, prompt)
      releaseBranch(id)
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
      releaseBranch(conversationId)
      changeOpened(client, conversationId, (opened) => withMessages(opened, [added]))
      startReading(client, accepted.reply_id, conversationId)
    },
  })
}

async function requestOf(prompt: Prompt): Promise<PromptRequest> {
  const { content, model, conversationId, parentId, temporary, tuning } = prompt
  const asked = { model, content }
  if (temporary) {
    const place = conversationId && { conversation_id: conversationId, parent_id: parentId ?? '' }
    return { ...asked, temporary, params: tuning.params, ...place }
  }
  const id = conversationId ?? (await beginning(model, tuning))
  return id === undefined ? asked : { ...asked, conversation_id: id, parent_id: parentId ?? '' }
}

function startReading(client: QueryClient, replyId: string, conversationId: string): void {
  followReply(replyId)
  replyRuns(replyId, conversationId)
  void client.invalidateQueries({ queryKey: conversationKeys.lists })
}

function begin(client: QueryClient, id: string, prompt: Prompt, added: Message[]): void {
  if (prompt.temporary) beginTemporary(id)
  useNewTuning.setState({ tuning: UNTUNED })
  const begun = begunConversation(id, prompt)
  client.setQueryData<OpenedConversation>(conversationKeys.one(id), withMessages(begun, added))
}
