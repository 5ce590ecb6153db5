import { expect, it } from 'vitest'

import { foundConversations, moved, optionsOf } from './search-options'

it('lists each conversation before its messages', () => {
  const conversation = {
    conversation_id: 'c1',
    title: 'Frames',
    model: 'm',
    pinned: false,
    archived: false,
    shared: false,
    created_at_ms: 0,
    updated_at_ms: 0,
  }
  const message = { message_id: 'm1', role: 'user', created_at_ms: 0, excerpt: '' } as const
  const found = foundConversations([{ conversation, by_title: true, messages: [message] }])
  expect(optionsOf(found).map(({ path }) => path)).toEqual(['/c/c1', '/c/c1?message=m1'])
})

it('goes round at the ends', () => {
  expect(moved(2, 'ArrowDown', 3)).toBe(0)
  expect(moved(0, 'ArrowUp', 3)).toBe(2)
  expect(moved(1, 'PageDown', 3)).toBe(2)
  expect(moved(1, 'a', 3)).toBeUndefined()
  expect(moved(0, 'ArrowDown', 0)).toBeUndefined()
})
