import { describe, expect, it } from 'vitest'

import type { Message, OpenedConversation } from '@/api/types'

import { branchThrough, shownBranch, withMessages } from './message-tree'

function message(message_id: string, parent_id: string | null): Message {
  return {
    message_id,
    parent_id,
    role: message_id.startsWith('q') ? 'user' : 'assistant',
    content: message_id,
    status: 'completed',
    model: 'm',
    reply_id: null,
    created_at_ms: 0,
    finish_reason: null,
    error: null,
    omitted_messages: 0,
    feedback: null,
  }
}

const TREE = [
  message('q1', null),
  message('a1', 'q1'),
  message('a1b', 'q1'),
  message('q2', 'a1'),
  message('a2', 'q2'),
  message('q1b', null),
  message('q3', 'a1b'),
]
const opened = (branch: string[]) => ({ messages: TREE, branch }) as OpenedConversation

describe('a tree of messages', () => {
  it('shows a branch with what stands beside it', () => {
    const shown = shownBranch(opened(['q1', 'a1b', 'q3']))
    expect(shown.map(({ message, siblings }) => [message.message_id, siblings])).toEqual([
      ['q1', ['q1', 'q1b']],
      ['a1b', ['a1', 'a1b']],
      ['q3', ['q3']],
    ])
  })

  it('goes from a chosen message on to the newest answers', () => {
    expect(branchThrough(TREE, 'q1')).toEqual(['q1', 'a1b', 'q3'])
    expect(branchThrough(TREE, 'a1')).toEqual(['q1', 'a1', 'q2', 'a2'])
    expect(branchThrough(TREE, 'q1b')).toEqual(['q1b'])
  })

  it('ends where messages refer to each other in a circle', () => {
    expect(branchThrough([message('a', 'b'), message('b', 'a')], 'a')).toEqual(['b', 'a'])
  })

  it('takes up new messages once', () => {
    const added = [message('q4', 'a2'), message('a4', 'q4')]
    const once = withMessages(opened([]), added)
    const twice = withMessages(once, added)
    expect(twice.messages).toHaveLength(TREE.length + 2)
    expect(twice.branch).toEqual(['q1', 'a1', 'q2', 'a2', 'q4', 'a4'])
  })
})
