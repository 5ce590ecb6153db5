/**
 * Decodes server-sent events from bytes, however the network has cut them. Pure.
 *
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */

export interface ServerSentEvent {
  /** `message` where the stream names none. */
  readonly type: string
  readonly data: string
  /** The last id that the stream has given, which may be an earlier event's. */
  readonly lastEventId: string
}

export class SseDecoder {
  // Keeps the first bytes of a character until the rest has come; drops one byte order mark.
  private readonly text = new TextDecoder('utf-8')
  /** Pieces of the line that has no end yet. */
  private line: string[] = []
  /** The last chunk ended with CR: an LF that comes next belongs to it. */
  private afterCarriageReturn = false
  private data: string[] = []
  private type = ''
  private lastEventId = ''

  /** Return the events that are whole with this chunk. */
  push(chunk: Uint8Array): ServerSentEvent[] {
    const events: ServerSentEvent[] = []
    let text = this.text.decode(chunk, { stream: true })
    if (this.afterCarriageReturn && text.length > 0) {
      if (text.startsWith('\n')) text = text.slice(1)
      this.afterCarriageReturn = false
    }
    let start = 0
    for (const end of text.matchAll(/\r\n|\n|\r/g)) {
      this.line.push(text.slice(start, end.index))
      start = end.index + end[0].length
      const event = this.take(this.line.join(''))
      this.line = []
      if (event) events.push(event)
    }
    if (start < text.length) this.line.push(text.slice(start))
    if (text.endsWith('\r')) this.afterCarriageReturn = true
    return events
  }

  private take(line: string): ServerSentEvent | undefined {
    if (line === '') return this.dispatch()
    // A comment: a line that begins with a colon.
    if (line.startsWith(':')) return undefined
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'data') this.data.push(value)
    else if (field === 'event') this.type = value
    else if (field === 'id' && !value.includes('\0')) this.lastEventId = value
    return undefined
  }

  private dispatch(): ServerSentEvent | undefined {
    const { data, type, lastEventId } = this
    this.data = []
    this.type = ''
    if (data.length === 0) return undefined
    return { type: type || 'message', data: data.join('\n'), lastEventId }
  }
}
