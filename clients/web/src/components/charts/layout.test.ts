import { expect, it } from 'vitest'

import { labelledSteps, stepAt, valueScale } from './layout'

it('ends at a round number and survives emptiness', () => {
  expect(valueScale(873).domain()).toEqual([0, 1000])
  expect(valueScale(0).domain()).toEqual([0, 1])
})

it('writes no more labels than there is space for', () => {
  expect(labelledSteps(7, 700)).toEqual([0, 1, 2, 3, 4, 5, 6])
  expect(labelledSteps(30, 360).length).toBeLessThanOrEqual(6)
  expect(labelledSteps(1, 300)).toEqual([0])
})

it('finds the step under the pointer, also beside the chart', () => {
  expect(stepAt(0, 10, 40, 240)).toBe(0)
  expect(stepAt(141, 10, 40, 240)).toBe(5)
  expect(stepAt(999, 10, 40, 240)).toBe(9)
})
