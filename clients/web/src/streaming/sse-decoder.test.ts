import { describe, expect, it } from 'vitest'

import { SseDecoder, type ServerSentEvent } from './sse-decoder'

const STREAM = [
  ': keep-alive\n\n',
  'event: queue\ndata: {"position":3}\n\n',
  'id: EFGHIJ.1.1.1.2\ndata: {"delta":"Grüße 🌍","done":false}\n\n',
  'id: EFGHIJ.2.1.2.3\r\ndata: one\r\ndata: two\r\n\r\n',
  'data:no space\rid\rdata:  two spaces\r\r',
  'retry: 10\nunknown: x\ndata\n\n',
  'data: the end is missing\n',
].join('')

const EXPECTED: ServerSentEvent[] = [
  { type: 'queue', data: '{"position":3}', lastEventId: '' },
  { type: 'message', data: '{"delta":"Grüße 🌍","done":false}', lastEventId: 'EFGHIJ.1.1.1.2' },
  { type: 'message', data: 'one\ntwo', lastEventId: 'EFGHIJ.2.1.2.3' },
  { type: 'message', data: 'no space\n two spaces', lastEventId: '' },
  { type: 'message', data: '', lastEventId: '' },
]

function decode(chunks: Uint8Array[]): ServerSentEvent[] {
  const decoder = new SseDecoder()
  return chunks.flatMap((chunk) => decoder.push(chunk))
}

describe('SseDecoder', () => {
  const bytes = new TextEncoder().encode(STREAM)

  it('reads a stream that comes at once', () => {
    expect(decode([bytes])).toEqual(EXPECTED)
  })

  it('reads the same wherever the network cuts it in two', () => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(decode([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(EXPECTED)
    }
  })

  it.each([1, 2, 3, 5, 7])('reads the same in pieces of %i bytes', (size) => {
    const chunks = []
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
    expect(decode(chunks)).toEqual(EXPECTED)
  })

  it('skips a byte order mark', () => {
    const marked = new TextEncoder().encode('\uFEFFdata: x\n\n')
    expect(decode([marked])).toEqual([{ type: 'message', data: 'x', lastEventId: '' }])
  })

  it('ignores an id with a null character', () => {
    const odd = new TextEncoder().encode('id: a\ndata: x\n\nid: b\0\ndata: y\n\n')
    expect(decode([odd]).map((event) => event.lastEventId)).toEqual(['a', 'a'])
  })
})
