/** Reads one reply from its beginning to its end, whatever happens to the connection. */

import { ResumingEventSource, type Connection, type EventSourcePorts } from './event-source'
import { parseReplyEvent, type ReplyDone, type ReplyEvent } from './reply-event'
import { NEW_REPLY, foldReplyEvent, type ReplyView } from './reply-view'
import type { ServerSentEvent } from './sse-decoder'

const NO_CONTENT = 204
const BAD_REQUEST = 400

export class ReplyStream {
  private readonly source: ResumingEventSource
  constructor(
    replyId: string,
    private readonly changed: (view: ReplyView, connection: Connection) => void,
    ports: EventSourcePorts,
    /** What was read of it before. */
    private current: ReplyView = NEW_REPLY,
  ) {
    let connection: Connection = 'connecting'
    this.source = new ResumingEventSource(
      `/api/replies/${replyId}/events`,
      {
        events: (events) => {
          this.take(events)
          changed(this.current, connection)
          return this.current.phase === 'ended'
        },
        refused: (response) => this.refused(response),
        connection: (now) => {
          connection = now
          changed(this.current, connection)
        },
      },
      ports,
      current.cursor,
    )
  }

  get view(): ReplyView {
    return this.current
  }

  run(): Promise<void> {
    return this.source.run()
  }

  stop(): void {
    this.source.stop()
  }

  private take(events: ServerSentEvent[]): void {
    const parsed = events.map(parseReplyEvent).filter((event) => event !== undefined)
    this.current = joined(parsed).reduce(foldReplyEvent, this.current)
  }

  /** Begin anew where the cursor is not known any more; else there is nothing to wait for. */
  private async refused(response: Response): Promise<boolean> {
    if (response.status === BAD_REQUEST && this.current.cursor !== undefined) {
      this.current = NEW_REPLY
      return true
    }
    const done: ReplyDone =
      response.status === NO_CONTENT
        ? { status: 'completed' }
        : { status: 'failed', error: await failureOf(response) }
    const cursor = this.current.cursor ?? ''
    this.current = foldReplyEvent(this.current, { kind: 'done', cursor, done })
    this.changed(this.current, 'open')
    return false
  }
}

/** Join neighbouring deltas, so that a chunk of many tokens is one step. */
function joined(events: ReplyEvent[]): ReplyEvent[] {
  const result: ReplyEvent[] = []
  for (const event of events) {
    const last = result.at(-1)
    if (event.kind === 'delta' && last?.kind === 'delta') {
      result[result.length - 1] = { ...event, text: last.text + event.text }
    } else {
      result.push(event)
    }
  }
  return result
}

async function failureOf(response: Response): Promise<{ code: string; message: string }> {
  const body = (await response.json().catch(() => undefined)) as
    { error?: { code: string; message: string } } | undefined
  return body?.error ?? { code: 'internal', message: `The server answered ${response.status}.` }
}
