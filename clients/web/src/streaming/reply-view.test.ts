import { describe, expect, it } from 'vitest'

import { parseReplyEvent, type ReplyEvent } from './reply-event'
import { NEW_REPLY, foldReplyEvent, type ReplyView } from './reply-view'

function event(type: string, data: unknown, lastEventId = ''): ReplyEvent {
  const parsed = parseReplyEvent({ type, data: JSON.stringify(data), lastEventId })
  if (!parsed) throw new Error('not an event')
  return parsed
}

function folded(...events: ReplyEvent[]): ReplyView {
  return events.reduce(foldReplyEvent, NEW_REPLY)
}

const queued = event('queue', { position: 3, eta_s: 12 })
const begun = event('attempt', { attempt: 1 }, 'c.1')
const one = event('message', { delta: 'One', done: false }, 'c.2')
const takenOver = event('attempt', { attempt: 2 }, 'c.3')
const two = event('message', { delta: ' two', done: false }, 'c.4')
const caughtUp = event('caught_up', {}, 'c.4')
const done = event('message', { delta: '', done: true, status: 'completed' }, 'c.5.e')

describe('a reply that is read', () => {
  it('waits in the queue, then has text', () => {
    expect(folded(queued)).toMatchObject({ phase: 'waiting', queue: { position: 3, etaS: 12 } })
    expect(folded(queued, begun, one)).toMatchObject({
      phase: 'streaming',
      queue: undefined,
      text: 'One',
      cursor: 'c.2',
    })
  })

  it('recovers while another worker takes over, and goes on in its sentence', () => {
    expect(folded(begun, one, takenOver)).toMatchObject({ phase: 'recovering', text: 'One' })
    expect(folded(begun, one, takenOver, two)).toMatchObject({
      phase: 'streaming',
      text: 'One two',
      attempt: 2,
    })
  })

  it('knows when what follows is live', () => {
    expect(folded(begun, one).caughtUp).toBe(false)
    expect(folded(begun, one, caughtUp).caughtUp).toBe(true)
  })

  it('ends once; what comes afterwards changes nothing', () => {
    const ended = folded(begun, one, done)
    expect(ended).toMatchObject({ phase: 'ended', status: 'completed', cursor: 'c.5.e' })
    expect(foldReplyEvent(ended, two)).toBe(ended)
  })

  it('passes over events of a later version', () => {
    expect(parseReplyEvent({ type: 'news', data: '{}', lastEventId: '' })).toBeUndefined()
  })
})
