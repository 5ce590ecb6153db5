/**
 * Reads a stream of server-sent events to its end, over as many connections as that takes.
 *
 * The browser's own `EventSource` tells nobody why it failed and cannot renew a session. This one
 * comes back with the last id that it has handed on, so that nothing is lost and nothing repeated:
 * an event counts once it is whole.
 */

import { backoffMs } from './backoff'
import { SseDecoder, type ServerSentEvent } from './sse-decoder'
import { onWakeUp } from './wake-ups'

/** `closed`: somebody must sign in before it can go on. */
export type Connection = 'connecting' | 'open' | 'offline' | 'closed'

export interface EventSourcePorts {
  /** Ask for the stream, within the session. */
  open: (url: string, lastEventId: string, signal: AbortSignal) => Promise<Response>
  /** Return once somebody is signed in. */
  signedIn: (signal: AbortSignal) => Promise<void>
  expired: () => void
}

export interface EventSourceListener {
  /** Take what has come; return true when nothing more is wanted. */
  events: (events: ServerSentEvent[]) => boolean
  /** The stream has nothing (more) for us, or refuses: return true to begin it anew. */
  refused: (response: Response) => Promise<boolean>
  connection: (connection: Connection) => void
}

// The gateway writes at least a comment every 15 s.
const SILENCE_MS = 40_000
// Looked at again after so much silence, a connection is not trusted any more.
const DOUBTFUL_MS = 18_000
const UNAUTHORIZED = 401

export class ResumingEventSource {
  private readonly stopped = new AbortController()
  private failures = 0
  private heardAt = 0
  private attempt = new AbortController()
  private wake: () => void = () => undefined

  constructor(
    private readonly url: string,
    private readonly listener: EventSourceListener,
    private readonly ports: EventSourcePorts,
    /** Where to go on; empty: from the beginning. */
    private lastEventId = '',
  ) {}

  stop(): void {
    this.stopped.abort()
    this.attempt.abort()
    this.wake()
  }

  /** Read until the listener has enough, or until `stop`. */
  async run(): Promise<void> {
    const release = onWakeUp(() => {
      if (Date.now() - this.heardAt > DOUBTFUL_MS) this.attempt.abort()
      this.wake()
    })
    try {
      while (!this.stopped.signal.aborted && !(await this.connect())) await this.pause()
    } finally {
      release()
    }
  }

  /** Read one connection to its end; tell whether everything is done. */
  private async connect(): Promise<boolean> {
    this.attempt = new AbortController()
    this.heardAt = Date.now()
    this.listener.connection(this.failures === 0 ? 'connecting' : 'offline')
    const watch = setInterval(() => {
      if (Date.now() - this.heardAt > SILENCE_MS) this.attempt.abort()
    }, SILENCE_MS / 8)
    try {
      const response = await this.ports.open(this.url, this.lastEventId, this.attempt.signal)
      if (response.status === UNAUTHORIZED) return await this.waitForSession()
      if (response.status >= 500 || response.status === 429) return false
      if (response.status !== 200 || !response.body) return await this.refused(response)
      return await this.read(response.body)
    } catch {
      // The network, the gateway or this class has broken it off: come back with the cursor.
      return false
    } finally {
      clearInterval(watch)
      this.attempt.abort()
    }
  }

  private async read(body: ReadableStream<Uint8Array>): Promise<boolean> {
    const decoder = new SseDecoder()
    const reader = body.getReader()
    this.listener.connection('open')
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return false
      this.heardAt = Date.now()
      this.failures = 0
      const events = decoder.push(value)
      if (events.length === 0) continue
      const enough = this.listener.events(events)
      // Only what was taken is behind us.
      this.lastEventId = events.at(-1)?.lastEventId || this.lastEventId
      if (enough) return true
    }
  }

  private async refused(response: Response): Promise<boolean> {
    const again = await this.listener.refused(response)
    this.lastEventId = ''
    return !again
  }

  private async waitForSession(): Promise<boolean> {
    this.listener.connection('closed')
    this.ports.expired()
    await this.ports.signedIn(this.stopped.signal)
    this.failures = 0
    return false
  }

  private pause(): Promise<void> {
    if (this.stopped.signal.aborted) return Promise.resolve()
    // A gateway that stops ends its streams; another one is there at once.
    const ms = backoffMs(this.failures)
    this.failures += 1
    if (this.failures > 1) this.listener.connection('offline')
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
