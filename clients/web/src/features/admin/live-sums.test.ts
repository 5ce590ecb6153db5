import { expect, it } from 'vitest'

import { liveSums } from './live-sums'

const model = {
  model: 'm',
  queued: 2,
  workers: 1,
  draining: 0,
  slots: 4,
  free: 1,
  tokens_per_s: 30,
}

it('adds models up and takes the consumer that is furthest behind', () => {
  const consumers = [
    { name: 'history', pending: 0, in_hand: 0, behind_ms: 0 },
    { name: 'usage', pending: 3, in_hand: 1, behind_ms: 700 },
  ]
  const sums = liveSums({ models: [model, { ...model, free: 9 }], consumers })
  expect(sums).toMatchObject({ queued: 4, workers: 2, slots: 8, busy: 3, tokensPerS: 60 })
  expect(sums.behindMs).toBe(700)
})

it('is all zero where nothing is', () => {
  expect(liveSums({ models: [], consumers: [] }).behindMs).toBe(0)
})
