/** What the server has said about the account. */

import { queryOptions } from '@tanstack/react-query'

import { api, dataOf } from '@/api/client'

export const settingsKeys = { sessions: ['sessions'] as const, keys: ['api-keys'] as const }

export const sessionsQuery = queryOptions({
  queryKey: settingsKeys.sessions,
  queryFn: async () => (await dataOf(api.GET('/api/me/sessions', {}))).data,
  // The feed does not tell of sessions that begin elsewhere.
  staleTime: 0,
})

export const keysQuery = queryOptions({
  queryKey: settingsKeys.keys,
  queryFn: async () => (await dataOf(api.GET('/api/keys', {}))).data,
  staleTime: 0,
})
