/** What is shown of a prompt that was accepted, before the server's history has it. Pure. */

import type { AcceptedPrompt, Conversation, Message, OpenedConversation } from '@/api/types'

import type { Prompt } from './use-send-prompt'

export function messagesOf(
  accepted: AcceptedPrompt,
  { content, model, parentId }: Prompt,
): Message[] {
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

export function pendingReply(accepted: AcceptedPrompt, model: string): Message {
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

export function begunConversation(
  id: string,
  { model, content, tuning }: Prompt,
): OpenedConversation {
  const now = Date.now()
  return {
    conversation: {
      conversation_id: id,
      title: content.slice(0, 80),
      model,
      system: tuning.system,
      params: tuning.params as Conversation['params'],
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
}
