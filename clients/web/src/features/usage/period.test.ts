import { expect, it } from 'vitest'

import { everyStep, periodOf, periodQuery } from './period'

const HOUR = 3_600_000
const NOW = Date.UTC(2026, 10, 26, 9, 30)

it('asks for whole steps, the running one is the last', () => {
  expect(periodQuery('24h', NOW)).toEqual({ since: Date.UTC(2026, 10, 25, 10), interval: 'hour' })
  expect(periodQuery('7d', NOW)).toEqual({ since: Date.UTC(2026, 10, 20), interval: 'day' })
})

it('takes what an address says only if it is a period', () => {
  expect(periodOf('90d')).toBe('90d')
  expect(periodOf('1000y')).toBe('30d')
  expect(periodOf(null)).toBe('30d')
})

it('fills what is left out', () => {
  const since_ms = Date.UTC(2026, 10, 26, 6)
  const points = [{ at_ms: since_ms + HOUR, n: 5 }]
  const span = { since_ms, until_ms: NOW, interval: 'hour' } as const
  const steps = everyStep(span, points, (at_ms) => ({ at_ms, n: 0 }))
  expect(steps.map(({ n }) => n)).toEqual([0, 5, 0, 0])
})
