import { expect, test } from 'vitest'

import { NEW_REPLY, type ReplyView } from '@/streaming/reply-view'

import { waitingFor } from './waiting-for'

const STREAMING: ReplyView = { ...NEW_REPLY, phase: 'streaming', text: 'Once' }

function waited(view: ReplyView, others: Partial<Parameters<typeof waitingFor>[0]> = {}) {
  return waitingFor({
    view,
    connection: 'open',
    online: true,
    served: true,
    quiet: false,
    ...others,
  })
}

test('while text comes nobody waits', () => {
  expect(waited(STREAMING).kind).toBe('nothing')
})

test('a reply that is silent recovers', () => {
  expect(waited(STREAMING, { quiet: true }).kind).toBe('delta')
  expect(waited({ ...STREAMING, phase: 'recovering' }).kind).toBe('worker')
})

test('the network comes first, and the end is the end', () => {
  expect(waited(STREAMING, { online: false, quiet: true }).kind).toBe('network')
  expect(waited(STREAMING, { connection: 'offline' }).kind).toBe('server')
  expect(waited({ ...STREAMING, phase: 'ended' }, { online: false }).kind).toBe('nothing')
})

test('a place in the queue counts those before', () => {
  const queued = { ...NEW_REPLY, queue: { position: 3, etaS: 12 } }
  expect(waited(queued)).toEqual({ kind: 'queue', before: 2, etaS: 12 })
  expect(waited(NEW_REPLY).kind).toBe('beginning')
})

test('without a worker no place in the queue says anything', () => {
  const queued = { ...NEW_REPLY, queue: { position: 1, etaS: null } }
  expect(waited(queued, { served: false }).kind).toBe('unserved')
  expect(waited(STREAMING, { served: false }).kind).toBe('nothing')
})
