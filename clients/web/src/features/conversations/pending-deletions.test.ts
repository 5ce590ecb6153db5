// @vitest-environment jsdom
import { beforeEach, expect, test, vi } from 'vitest'

import {
  beginDeletion,
  endDeletion,
  isBeingDeleted,
  overdueDeletions,
  sendDeletions,
} from './pending-deletions'

beforeEach(() => {
  localStorage.clear()
  vi.useFakeTimers()
})

test('a deletion is remembered until it is done or taken back', () => {
  beginDeletion('a')
  beginDeletion('b')
  endDeletion('a')
  expect([isBeingDeleted('a'), isBeingDeleted('b')]).toEqual([false, true])
})

test('what nobody has done is overdue after a while', () => {
  beginDeletion('a')
  expect(overdueDeletions()).toEqual([])
  vi.advanceTimersByTime(61_000)
  expect(overdueDeletions()).toEqual(['a'])
})

test('when the page is left it is sent, and asked for once more by the next one', () => {
  const fetched = vi.fn(() => Promise.resolve(new Response()))
  vi.stubGlobal('fetch', fetched)
  beginDeletion('a')
  sendDeletions(['a', 'taken-back'])
  expect(fetched).toHaveBeenCalledTimes(1)
  expect(fetched).toHaveBeenCalledWith(
    '/api/conversations/a',
    expect.objectContaining({ method: 'DELETE', keepalive: true }),
  )
  expect(overdueDeletions()).toEqual(['a'])
})
