import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { Connection, EventSourcePorts } from './event-source'
import { ReplyStream } from './reply-stream'

const EVENTS = [
  'event: attempt\nid: T.1.1.0.0\ndata: {"attempt":1}\n\n',
  'id: T.2.1.1.3\ndata: {"delta":"One","done":false}\n\n',
  'event: caught_up\nid: T.2.1.1.3\ndata: {}\n\n',
  'id: T.3.1.2.7\ndata: {"delta":" zwö","done":false}\n\n',
  'event: attempt\nid: T.4.2.2.7\ndata: {"attempt":2}\n\n',
  'id: T.5.2.3.10\ndata: {"delta":" 🌍!","done":false}\n\n',
  'id: T.6.2.3.10.e\ndata: {"delta":"","done":true,"status":"completed"}\n\n',
]
const TEXT = 'One zwö 🌍!'
const BYTES = new TextEncoder().encode(EVENTS.join(''))

/** A gateway that resumes after any event's id, and cuts each connection after `cut` bytes. */
function gateway(
  cut: (connection: number) => number,
  refuse?: (n: number) => Response | undefined,
) {
  let connections = 0
  const asked: string[] = []
  const ports: EventSourcePorts = {
    open: (_url, lastEventId) => {
      asked.push(lastEventId)
      connections += 1
      const refused = refuse?.(connections)
      if (refused) return Promise.resolve(refused)
      const next = EVENTS.findLastIndex((event) => event.includes(`id: ${lastEventId}\n`)) + 1
      const rest = new TextEncoder().encode(EVENTS.slice(lastEventId ? next : 0).join(''))
      const part = rest.slice(0, cut(connections))
      let at = 0
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          if (at < part.length) controller.enqueue(part.slice(at, (at += 7)))
          else if (part.length < rest.length) controller.error(new TypeError('network'))
          else controller.close()
        },
      })
      return Promise.resolve(new Response(body))
    },
    signedIn: () => Promise.resolve(),
    expired: () => undefined,
  }
  return { ports, asked }
}

async function read(ports: EventSourcePorts) {
  const connections: Connection[] = []
  const stream = new ReplyStream('R', (_, connection) => connections.push(connection), ports)
  const running = stream.run()
  await vi.runAllTimersAsync()
  await running
  return { view: stream.view, connections }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('window', new EventTarget())
  vi.stubGlobal('document', Object.assign(new EventTarget(), { visibilityState: 'visible' }))
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('a reply over connections that break', () => {
  it('is read over one that holds', async () => {
    const { view } = await read(gateway(() => Infinity).ports)
    expect(view).toMatchObject({ text: TEXT, phase: 'ended', status: 'completed', attempt: 2 })
  })

  it('has the same text wherever the first one breaks', async () => {
    for (let cut = 0; cut < BYTES.length; cut++) {
      const { view } = await read(gateway((n) => (n === 1 ? cut : Infinity)).ports)
      expect(view.text).toBe(TEXT)
    }
  })

  it('has the same text when every one breaks after a while', async () => {
    const { view } = await read(gateway(() => 90).ports)
    expect(view).toMatchObject({ text: TEXT, phase: 'ended' })
  })

  it('waits while the gateway is away', async () => {
    const away = (n: number) => (n < 5 ? new Response(null, { status: 503 }) : undefined)
    const { view, connections } = await read(gateway(() => Infinity, away).ports)
    expect(view.text).toBe(TEXT)
    expect(connections).toContain('offline')
  })

  it('goes on where it was once somebody has signed in again', async () => {
    const expired = vi.fn()
    const refuse = (n: number) => (n === 2 ? new Response(null, { status: 401 }) : undefined)
    const { ports, asked } = gateway((n) => (n === 1 ? 150 : Infinity), refuse)
    const { view } = await read({ ...ports, expired })
    expect(expired).toHaveBeenCalledOnce()
    expect(view.text).toBe(TEXT)
    expect(asked[2]).toBe(asked[1])
    expect(asked[1]).not.toBe('')
  })

  it('begins anew where its cursor is not known any more', async () => {
    const refuse = (n: number) => (n === 2 ? new Response('{}', { status: 400 }) : undefined)
    const { ports, asked } = gateway((n) => (n === 1 ? 150 : Infinity), refuse)
    const { view } = await read(ports)
    expect(view.text).toBe(TEXT)
    expect(asked.at(-1)).toBe('')
  })

  it('ends as failed where there is no such reply', async () => {
    const body = JSON.stringify({ error: { code: 'not_found', message: 'No such reply.' } })
    const { view } = await read(
      gateway(
        () => 0,
        () => new Response(body, { status: 404 }),
      ).ports,
    )
    expect(view).toMatchObject({ phase: 'ended', status: 'failed', error: { code: 'not_found' } })
  })
})
