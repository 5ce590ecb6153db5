/** A stream of events that is read while somebody looks at the tab; it goes on where it was. */

import { ResumingEventSource, type EventSourcePorts } from './event-source'
import type { ServerSentEvent } from './sse-decoder'

export class VisibleFeed {
  private source: ResumingEventSource | undefined
  private lastEventId = ''

  constructor(
    private readonly path: string,
    private readonly take: (event: ServerSentEvent) => void,
    private readonly ports: EventSourcePorts,
  ) {}

  start(): void {
    document.addEventListener('visibilitychange', this.look)
    this.look()
  }

  stop(): void {
    document.removeEventListener('visibilitychange', this.look)
    this.rest()
  }

  private readonly look = (): void => {
    if (document.hidden) this.rest()
    else this.read()
  }

  private rest(): void {
    this.source?.stop()
    this.source = undefined
  }

  private read(): void {
    if (this.source) return
    this.source = new ResumingEventSource(
      this.path,
      {
        events: (events) => {
          for (const event of events) {
            this.lastEventId = event.lastEventId
            this.take(event)
          }
          return false
        },
        refused: () => Promise.resolve(true),
        connection: () => undefined,
      },
      this.ports,
      this.lastEventId,
    )
    void this.source.run()
  }
}
