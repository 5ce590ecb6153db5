/** The models that can be asked, and the one that was asked last. */

import { queryOptions } from '@tanstack/react-query'
import { create } from 'zustand'

import { api, dataOf } from '@/api/client'

const STORED_AS = 'rivulet-model'

export const modelList = queryOptions({
  queryKey: ['models'],
  queryFn: async () => (await dataOf(api.GET('/v1/models', {}))).data,
  // Workers come and go.
  refetchInterval: 30_000,
})

interface ModelState {
  readonly chosen: string | undefined
  choose: (model: string) => void
}

export const useChosenModel = create<ModelState>()((set) => ({
  chosen: localStorage.getItem(STORED_AS) ?? undefined,
  choose: (chosen) => {
    localStorage.setItem(STORED_AS, chosen)
    set({ chosen })
  },
}))
