/**
 * One stream of events for all tabs: one of them reads it and tells the others.
 *
 * A browser opens six connections to a host over HTTP/1.1. Whoever holds the lock reads; a tab that
 * is looked at and hears nothing from the reader, which may be asleep, takes the lock away.
 */

import { ResumingEventSource, type EventSourcePorts } from './event-source'
import type { ServerSentEvent } from './sse-decoder'

const NAME = 'rivulet-feed'
const ALIVE_MS = 4_000
const PATIENCE_MS = 15_000

type Said = { kind: 'event'; event: ServerSentEvent } | { kind: 'alive' } | { kind: 'hello' }

export interface FeedListener {
  take: (event: ServerSentEvent) => void
  /** An event that tells a tab which has just come what there is. */
  present: () => Pick<ServerSentEvent, 'type' | 'data'>
}

export class SharedFeed {
  private readonly channel = new BroadcastChannel(NAME)
  private readonly stopped = new AbortController()
  private source: ResumingEventSource | undefined
  private lastEventId = ''
  private heardAt = Date.now()

  constructor(
    private readonly path: string,
    private readonly listener: FeedListener,
    private readonly ports: EventSourcePorts,
  ) {}

  start(): void {
    this.channel.onmessage = ({ data }: MessageEvent<Said>) => this.hear(data)
    this.say({ kind: 'hello' })
    const watch = setInterval(() => this.watch(), ALIVE_MS)
    this.stopped.signal.addEventListener('abort', () => clearInterval(watch))
    void this.queue({ signal: this.stopped.signal })
  }

  stop(): void {
    this.stopped.abort()
    this.source?.stop()
    this.channel.close()
  }

  /** Wait for the lock, and read for as long as it is ours. */
  private async queue(options: LockOptions): Promise<void> {
    try {
      await navigator.locks.request(NAME, options, () => this.lead())
    } catch {
      // Stopped, or another tab has taken it.
      this.source?.stop()
      this.source = undefined
      this.heardAt = Date.now()
      if (!this.stopped.signal.aborted) void this.queue({ signal: this.stopped.signal })
    }
  }

  private async lead(): Promise<void> {
    if (this.stopped.signal.aborted) return
    this.source?.stop()
    this.source = new ResumingEventSource(
      this.path,
      {
        events: (events) => {
          for (const event of events) this.pass(event)
          return false
        },
        refused: () => Promise.resolve(true),
        connection: () => undefined,
      },
      this.ports,
      this.lastEventId,
    )
    await this.source.run()
  }

  private pass(event: ServerSentEvent): void {
    this.lastEventId = event.lastEventId
    this.say({ kind: 'event', event })
    this.listener.take(event)
  }

  private hear(said: Said): void {
    if (said.kind === 'hello') {
      if (!this.source || this.lastEventId === '') return
      const event = { ...this.listener.present(), lastEventId: this.lastEventId }
      this.say({ kind: 'event', event })
      return
    }
    if (this.source) return
    this.heardAt = Date.now()
    if (said.kind !== 'event') return
    this.lastEventId = said.event.lastEventId
    this.listener.take(said.event)
  }

  private watch(): void {
    if (this.source) {
      this.say({ kind: 'alive' })
      return
    }
    if (document.hidden || Date.now() - this.heardAt < PATIENCE_MS) return
    this.heardAt = Date.now()
    void this.queue({ steal: true })
  }

  private say(said: Said): void {
    if (!this.stopped.signal.aborted) this.channel.postMessage(said)
  }
}
