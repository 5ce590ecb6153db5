/** Conversations as the server has them, and what this page knows before the server has said it. */

import {
  infiniteQueryOptions,
  queryOptions,
  type InfiniteData,
  type QueryClient,
} from '@tanstack/react-query'

import { api, dataOf } from '@/api/client'
import type { ConversationSummary, OpenedConversation } from '@/api/types'
import { keptTemporary } from '@/features/temporary/temporary-chats'

import { withChosenBranch } from './chosen-branches'
import { isBeingDeleted } from './pending-deletions'

type Page = { data: ConversationSummary[]; next: string | null }
const PAGE = 50

export const conversationKeys = {
  lists: ['conversations'] as const,
  list: (archived: boolean) => ['conversations', { archived }] as const,
  one: (id: string) => ['conversation', id] as const,
  search: (words: string) => ['conversation-search', words] as const,
}

export function conversationList(archived = false) {
  return infiniteQueryOptions({
    queryKey: conversationKeys.list(archived),
    queryFn: async ({ pageParam }) => {
      const place = pageParam ? { after: pageParam } : {}
      const query = { archived, limit: PAGE, ...place }
      const page = await dataOf(api.GET('/api/conversations', { params: { query } }))
      return { ...page, data: page.data.filter((entry) => !isBeingDeleted(entry.conversation_id)) }
    },
    initialPageParam: '',
    getNextPageParam: (page: Page) => page.next,
  })
}

export function conversationSearch(words: string) {
  return queryOptions({
    queryKey: conversationKeys.search(words),
    queryFn: async ({ signal }) =>
      (await dataOf(api.GET('/api/search', { params: { query: { q: words } }, signal }))).data,
  })
}

export function openedConversation(id: string) {
  return queryOptions({
    queryKey: conversationKeys.one(id),
    queryFn: async () =>
      keptTemporary(id) ??
      withChosenBranch(
        await dataOf(
          api.GET('/api/conversations/{conversation_id}', {
            params: { path: { conversation_id: id } },
          }),
        ),
      ),
  })
}

export function changeOpened(
  client: QueryClient,
  id: string,
  change: (opened: OpenedConversation) => OpenedConversation,
): void {
  client.setQueryData<OpenedConversation>(
    conversationKeys.one(id),
    (opened) => opened && change(opened),
  )
}

/** Change or, with `undefined`, take out an entry of the lists. */
export function changeListed(
  client: QueryClient,
  id: string,
  change: (summary: ConversationSummary) => ConversationSummary | undefined,
): void {
  client.setQueriesData<InfiniteData<Page>>(
    { queryKey: conversationKeys.lists },
    (list) =>
      list && {
        ...list,
        pages: list.pages.map((page) => ({
          ...page,
          data: page.data.flatMap((entry) =>
            entry.conversation_id === id ? (change(entry) ?? []) : entry,
          ),
        })),
      },
  )
}
