/**
 * A conversation's tree of messages: which branch is shown, and what stands beside it. Pure.
 *
 * Edits and regenerations are siblings: messages with the same parent.
 */

import type { Message, OpenedConversation } from '@/api/types'

export interface ShownMessage {
  readonly message: Message
  /** All messages in this place, oldest first, itself among them. */
  readonly siblings: readonly string[]
}

/** Return the shown branch with what stands beside each of its messages. */
export function shownBranch({ messages, branch }: OpenedConversation): ShownMessage[] {
  const byId = new Map(messages.map((message) => [message.message_id, message]))
  const children = childrenOf(messages)
  return branch.flatMap((id) => {
    const message = byId.get(id)
    if (!message) return []
    return { message, siblings: children.get(message.parent_id) ?? [id] }
  })
}

/** Return the branch through a message: down to it, and from there along the newest answers. */
export function branchThrough(messages: readonly Message[], messageId: string): string[] {
  const byId = new Map(messages.map((message) => [message.message_id, message]))
  const children = childrenOf(messages)
  const branch: string[] = []
  for (let id: string | null = messageId; id !== null; id = byId.get(id)?.parent_id ?? null) {
    if (!byId.has(id) || branch.includes(id)) break
    branch.unshift(id)
  }
  for (let id = children.get(messageId)?.at(-1); id !== undefined; id = children.get(id)?.at(-1)) {
    if (branch.includes(id)) break
    branch.push(id)
  }
  return branch
}

/** Return the conversation with messages that are new, and the branch that shows the last one. */
export function withMessages(
  opened: OpenedConversation,
  added: readonly Message[],
): OpenedConversation {
  const ids = new Set(added.map((message) => message.message_id))
  const messages = [...opened.messages.filter(({ message_id }) => !ids.has(message_id)), ...added]
  const last = added.at(-1)
  return {
    ...opened,
    messages,
    branch: last ? branchThrough(messages, last.message_id) : opened.branch,
  }
}

function childrenOf(messages: readonly Message[]): Map<string | null, string[]> {
  const children = new Map<string | null, string[]>()
  for (const { message_id, parent_id } of messages) {
    const siblings = children.get(parent_id)
    if (siblings) siblings.push(message_id)
    else children.set(parent_id, [message_id])
  }
  return children
}
