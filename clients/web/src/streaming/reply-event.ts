/** Reads the events of `GET /api/replies/{id}/events`: one union for all of them. Pure. */

import type { components } from '@/api/openapi.gen'

import type { ServerSentEvent } from './sse-decoder'

type Schemas = components['schemas']
export type ReplyDone = Schemas['ReplyDone']
export type ReplyStatus = ReplyDone['status']
export type Usage = Schemas['Usage']
export type Timings = Schemas['Timings']
export type Failure = Schemas['Failure']

/** `cursor` is where a reader stands that has taken the event; a place in the queue is none. */
export type ReplyEvent =
  | { readonly kind: 'delta'; readonly cursor: string; readonly text: string }
  | { readonly kind: 'attempt'; readonly cursor: string; readonly n: number }
  | { readonly kind: 'queue'; readonly position: number; readonly etaS: number | null }
  | { readonly kind: 'caught_up' }
  | { readonly kind: 'done'; readonly cursor: string; readonly done: ReplyDone }

/** Return the event; `undefined` for one of a later version, which does not concern us. */
export function parseReplyEvent(event: ServerSentEvent): ReplyEvent | undefined {
  const cursor = event.lastEventId
  switch (event.type) {
    case 'message': {
      const data = JSON.parse(event.data) as Schemas['ReplyDelta'] | ReplyDone
      return data.done
        ? { kind: 'done', cursor, done: data }
        : { kind: 'delta', cursor, text: data.delta ?? '' }
    }
    case 'queue': {
      const { position, eta_s } = JSON.parse(event.data) as Schemas['ReplyQueued']
      return { kind: 'queue', position, etaS: eta_s }
    }
    case 'attempt':
      return { kind: 'attempt', cursor, n: (JSON.parse(event.data) as { attempt: number }).attempt }
    case 'caught_up':
      return { kind: 'caught_up' }
    default:
      return undefined
  }
}
