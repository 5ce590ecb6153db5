/** What the server has said and how long it is believed. */

import { QueryClient } from '@tanstack/react-query'

import { errorOf } from './api-error'

const TRIES = 4

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // The feed of changes says when something is new; this is for what it does not know.
        staleTime: 30_000,
        retry: (failures, cause) => failures < TRIES && errorOf(cause).transient,
      },
      mutations: { retry: false },
    },
  })
}
