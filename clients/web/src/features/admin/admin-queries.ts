/** What the server tells admins. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'

import { api, dataOf } from '@/api/client'
import type { User } from '@/api/types'
import { periodQuery, type Period } from '@/features/usage/period'

const PAGE = 50
/** How often the numbers are asked for while somebody looks at them. */
const REFRESH_MS = 4_000

export const adminKeys = {
  users: ['admin-users'] as const,
  invitations: ['admin-invitations'] as const,
  usage: (period: Period) => ['admin-usage', period] as const,
}

type Page = { data: User[]; next: string | null }

export const usersQuery = infiniteQueryOptions({
  queryKey: adminKeys.users,
  queryFn: ({ pageParam }) =>
    dataOf(
      api.GET('/api/admin/users', {
        params: { query: { limit: PAGE, ...(pageParam > 0 ? { after: pageParam } : {}) } },
      }),
    ),
  initialPageParam: 0,
  getNextPageParam: (page: Page) => (page.next === null ? null : Number(page.next)),
  staleTime: 0,
})

export const invitationsQuery = queryOptions({
  queryKey: adminKeys.invitations,
  queryFn: async () => (await dataOf(api.GET('/api/admin/invitations', {}))).data,
  staleTime: 0,
})

export function allUsage(period: Period) {
  return queryOptions({
    queryKey: adminKeys.usage(period),
    queryFn: () =>
      dataOf(api.GET('/api/admin/usage', { params: { query: periodQuery(period, Date.now()) } })),
    placeholderData: keepPreviousData,
    staleTime: 0,
    // A page that nobody sees asks for nothing: that is the query's own default.
    refetchInterval: REFRESH_MS,
  })
}
