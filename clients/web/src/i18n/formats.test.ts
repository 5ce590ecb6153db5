import { expect, it } from 'vitest'

import { formatsOf } from './formats'

const english = formatsOf('en')
const german = formatsOf('de')
const NOW = Date.UTC(2026, 10, 26)

it('says how long ago something was', () => {
  expect(english.ago(NOW - 5_000, NOW)).toBe('now')
  expect(english.ago(NOW - 3 * 60_000, NOW)).toBe('3 minutes ago')
  expect(german.ago(NOW + 7 * 86_400_000, NOW)).toBe('in 7 Tagen')
})

it('chooses the unit of a span', () => {
  expect([0.5, 840, 12_400, 186_000].map(english.span)).toEqual([
    '0.5 ms',
    '840 ms',
    '12.4 s',
    '3.1 min',
  ])
  expect(german.span(12_400)).toBe('12,4 s')
})

it('keeps small amounts of money readable, and unknown currencies', () => {
  expect(english.money(12.3, 'EUR')).toBe('€12.30')
  expect(english.money(0.000_451, 'EUR')).toBe('€0.00045')
  expect(english.money(0, 'EUR')).toBe('€0.00')
  expect(english.money(5, 'credits')).toBe('5.00 credits')
})
