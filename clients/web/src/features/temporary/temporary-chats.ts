/**
 * Chats that the server does not keep. They live in this tab, reloads included, and for an hour in
 * the log, so that they can be gone on with.
 */

import type { QueryClient } from '@tanstack/react-query'
import { create } from 'zustand'

import type { OpenedConversation } from '@/api/types'

const PREFIX = 'rivulet-temporary:'

/** Whether the chat that is begun next is one. */
export const useNewTemporary = create<{ wanted: boolean; toggle: () => void }>()((set) => ({
  wanted: false,
  toggle: () => set(({ wanted }) => ({ wanted: !wanted })),
}))

const known = new Set(storedKeys().map((key) => key.slice(PREFIX.length)))

export function isTemporary(conversationId: string): boolean {
  return known.has(conversationId)
}

export function beginTemporary(conversationId: string): void {
  known.add(conversationId)
  useNewTemporary.setState({ wanted: false })
}

export function keptTemporary(conversationId: string): OpenedConversation | undefined {
  const stored = sessionStorage.getItem(PREFIX + conversationId)
  return stored === null ? undefined : (JSON.parse(stored) as OpenedConversation)
}

/** Keep what is known of them until the tab is closed. */
export function keepTemporaryChats(client: QueryClient): () => void {
  return client.getQueryCache().subscribe(({ type, query }) => {
    const [kind, id] = query.queryKey as [string, string]
    if (type !== 'updated' || kind !== 'conversation' || !known.has(id)) return
    const { data } = query.state as { data: OpenedConversation | undefined }
    if (data) keep(id, data)
  })
}

export function forgetTemporaryChats(): void {
  known.clear()
  for (const key of storedKeys()) sessionStorage.removeItem(key)
}

function keep(id: string, opened: OpenedConversation): void {
  try {
    sessionStorage.setItem(PREFIX + id, JSON.stringify(opened))
  } catch {
    // Too long to be stored: it is in the page until that is left.
  }
}

function storedKeys(): string[] {
  return Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX))
}
