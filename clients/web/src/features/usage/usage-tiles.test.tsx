// @vitest-environment jsdom
import { render } from '@testing-library/react'
import { expect, test } from 'vitest'

import { emptyPoint } from './no-usage'
import { UsageTiles } from './usage-tiles'

function noteOfAnswers(sums: { replies: number; completed: number; titles: number }): string {
  const totals = { ...emptyPoint(0), ...sums }
  const { container } = render(<UsageTiles totals={totals} currency="" />)
  return container.querySelectorAll('dd')[1]?.textContent ?? ''
}

test('answers that are titles are told apart', () => {
  expect(noteOfAnswers({ replies: 3, completed: 3, titles: 0 })).toBe('allCompleted')
  expect(noteOfAnswers({ replies: 18, completed: 18, titles: 6 })).toBe('allCompleted, titles')
  expect(noteOfAnswers({ replies: 18, completed: 17, titles: 6 })).toBe('titles')
})
