/**
 * Every reply that this page reads, outside of React: they stream on while the user goes elsewhere.
 *
 * Tokens may come faster than anybody can look; what has come is shown once a frame, and less often
 * the longer a text is, because showing it costs more then.
 */

import { create } from 'zustand'

import { browserPorts } from './browser-ports'
import type { Connection } from './event-source'
import { ReplyStream } from './reply-stream'
import type { ReplyView } from './reply-view'

export interface FollowedReply {
  readonly view: ReplyView
  readonly connection: Connection
}

interface ReplyState {
  readonly replies: Readonly<Record<string, FollowedReply>>
}

export type EndListener = (replyId: string, view: ReplyView) => void

const streams = new Map<string, ReplyStream>()
const pending = new Map<string, FollowedReply>()
const endListeners = new Set<EndListener>()
let flushing = false
let shownAt = 0

export const useReplies = create<ReplyState>()(() => ({ replies: {} }))

/** Read a reply, unless it is read already. */
export function followReply(replyId: string): void {
  if (streams.has(replyId)) return
  const stream = new ReplyStream(
    replyId,
    (view, connection) => show(replyId, { view, connection }),
    browserPorts,
  )
  streams.set(replyId, stream)
  void stream.run().then(() => ended(replyId, stream.view))
}

/** Give up what was read: it is stored and shown from there. */
export function forgetReply(replyId: string): void {
  streams.get(replyId)?.stop()
  streams.delete(replyId)
  pending.delete(replyId)
  useReplies.setState(({ replies }) => {
    if (!(replyId in replies)) return {}
    const { [replyId]: _, ...rest } = replies
    return { replies: rest }
  })
}

/** Stop reading everything, at signing out. */
export function forgetAllReplies(): void {
  for (const replyId of [...streams.keys()]) forgetReply(replyId)
}

export function onReplyEnd(listener: EndListener): () => void {
  endListeners.add(listener)
  return () => endListeners.delete(listener)
}

function ended(replyId: string, view: ReplyView): void {
  if (view.phase !== 'ended') return
  flush()
  for (const listener of endListeners) listener(replyId, view)
}

function show(replyId: string, reply: FollowedReply): void {
  pending.set(replyId, reply)
  if (flushing) return
  flushing = true
  const longest = Math.max(...[...pending.values()].map(({ view }) => view.text.length))
  const wait = shownAt + pauseMs(longest) - performance.now()
  setTimeout(
    () => {
      // A tab in the background gets no animation frames, and needs none.
      if (document.hidden) flush()
      else requestAnimationFrame(flush)
    },
    Math.max(0, wait),
  )
}

/** At 10,000 characters a frame still fits into 16 ms; at 100,000 it needs five times that. */
function pauseMs(length: number): number {
  return Math.min(100, length / 1_000)
}

function flush(): void {
  flushing = false
  if (pending.size === 0) return
  shownAt = performance.now()
  const news = Object.fromEntries(pending)
  pending.clear()
  useReplies.setState(({ replies }) => ({ replies: { ...replies, ...news } }))
}
