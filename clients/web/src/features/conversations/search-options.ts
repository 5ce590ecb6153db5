/** What a search has found as one list to walk through by keyboard. Pure. */

import type { SearchHit } from '@/api/types'

export interface SearchOption {
  readonly key: string
  readonly path: string
}

export interface FoundConversation {
  readonly hit: SearchHit
  /** Its title leads to it as it was left, each message to that message. */
  readonly title: SearchOption
  readonly messages: readonly (SearchOption & { message: SearchHit['messages'][number] })[]
}

export function foundConversations(hits: readonly SearchHit[]): FoundConversation[] {
  return hits.map((hit) => {
    const { conversation_id: id } = hit.conversation
    const path = `/c/${encodeURIComponent(id)}`
    return {
      hit,
      title: { key: id, path },
      messages: hit.messages.map((message) => ({
        key: `${id}-${message.message_id}`,
        path: `${path}?message=${encodeURIComponent(message.message_id)}`,
        message,
      })),
    }
  })
}

export function optionsOf(found: readonly FoundConversation[]): SearchOption[] {
  return found.flatMap(({ title, messages }) => [title, ...messages])
}

/** Return the option that a key leads to; the list goes round. */
export function moved(index: number, key: string, length: number): number | undefined {
  if (length === 0) return undefined
  if (key === 'ArrowDown') return (index + 1) % length
  if (key === 'ArrowUp') return (index + length - 1) % length
  if (key === 'PageDown') return Math.min(index + 5, length - 1)
  if (key === 'PageUp') return Math.max(index - 5, 0)
  return undefined
}
