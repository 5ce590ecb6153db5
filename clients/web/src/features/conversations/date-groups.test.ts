import { expect, it } from 'vitest'

import type { ConversationSummary } from '@/api/types'

import { groupedByDate } from './date-groups'

const NOW = new Date(2026, 10, 26, 9, 30)

function at(title: string, when: Date, pinned = false): ConversationSummary {
  return {
    conversation_id: title,
    title,
    model: 'm',
    pinned,
    archived: false,
    shared: false,
    created_at_ms: 0,
    updated_at_ms: when.getTime(),
  }
}

it('groups by the calendar, pinned ones first', () => {
  const groups = groupedByDate(
    [
      at('pinned', new Date(2020, 0, 1), true),
      at('now', NOW),
      at('after midnight', new Date(2026, 10, 26, 0, 0)),
      at('before midnight', new Date(2026, 10, 25, 23, 59)),
      at('last week', new Date(2026, 10, 20)),
      at('this month', new Date(2026, 10, 2)),
      at('long ago', new Date(2024, 1, 1)),
    ],
    NOW,
  )
  expect(
    groups.map(({ group, conversations }) => [group, conversations.map((c) => c.title)]),
  ).toEqual([
    ['pinned', ['pinned']],
    ['today', ['now', 'after midnight']],
    ['yesterday', ['before midnight']],
    ['week', ['last week']],
    ['month', ['this month']],
    ['older', ['long ago']],
  ])
})
