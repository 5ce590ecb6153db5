/** What the caller has used. */

import { keepPreviousData, queryOptions } from '@tanstack/react-query'

import { api, dataOf } from '@/api/client'

import { periodQuery, type Period } from './period'

export function ownUsage(period: Period) {
  return queryOptions({
    queryKey: ['usage', period],
    queryFn: () =>
      dataOf(api.GET('/api/usage', { params: { query: periodQuery(period, Date.now()) } })),
    placeholderData: keepPreviousData,
    staleTime: 5_000,
  })
}
