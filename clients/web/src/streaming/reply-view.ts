/** Folds a reply's events into what a reader of it sees. Pure. */

import type { Failure, ReplyEvent, ReplyStatus, Timings, Usage } from './reply-event'

/**
 * `waiting`: nothing is known yet, or it stands in the queue. `streaming`: its text comes.
 * `recovering`: another worker takes over in mid-sentence. `ended`: nothing more will come.
 */
export type ReplyPhase = 'waiting' | 'streaming' | 'recovering' | 'ended'

export interface QueuePlace {
  readonly position: number
  readonly etaS: number | null
}

export interface ReplyView {
  readonly phase: ReplyPhase
  readonly text: string
  /** Where to go on reading; `undefined` before the first event. */
  readonly cursor: string | undefined
  /** The attempt that speaks; above 1 the answer has survived a worker. */
  readonly attempt: number
  /** Everything that there was before we came has been read; what follows is live. */
  readonly caughtUp: boolean
  readonly queue: QueuePlace | undefined
  readonly status: ReplyStatus | undefined
  readonly finishReason: string | undefined
  readonly usage: Usage | undefined
  readonly timings: Timings | undefined
  readonly error: Failure | undefined
}

export const NEW_REPLY: ReplyView = {
  phase: 'waiting',
  text: '',
  cursor: undefined,
  attempt: 0,
  caughtUp: false,
  queue: undefined,
  status: undefined,
  finishReason: undefined,
  usage: undefined,
  timings: undefined,
  error: undefined,
}

/** Return the view after one event. */
export function foldReplyEvent(view: ReplyView, event: ReplyEvent): ReplyView {
  if (view.phase === 'ended') return view
  switch (event.kind) {
    case 'delta':
      return {
        ...view,
        phase: 'streaming',
        text: view.text + event.text,
        cursor: event.cursor,
        queue: undefined,
      }
    case 'attempt':
      return {
        ...view,
        phase: event.n > 1 ? 'recovering' : view.phase,
        cursor: event.cursor,
        attempt: event.n,
        queue: undefined,
      }
    case 'queue':
      return { ...view, queue: { position: event.position, etaS: event.etaS } }
    case 'caught_up':
      return { ...view, caughtUp: true }
    case 'done':
      return {
        ...view,
        phase: 'ended',
        cursor: event.cursor,
        caughtUp: true,
        queue: undefined,
        status: event.done.status,
        finishReason: event.done.finish_reason ?? undefined,
        usage: event.done.usage ?? undefined,
        timings: event.done.timings ?? undefined,
        error: event.done.error ?? undefined,
      }
  }
}
