/**
 * Every reply that this page reads, outside of React: they stream on while the user goes elsewhere.
 *
 * A browser opens six connections to one host (HTTP/1.1), for all its tabs. So replies that nobody
 * looks at are read only while there is room; one that is put aside keeps its text and its cursor
 * and goes on from there when somebody looks again.
 */

import { create } from 'zustand'

import { browserPorts } from './browser-ports'
import type { Connection } from './event-source'
import { FrameBatch } from './frame-batch'
import { ReplyStream } from './reply-stream'
import type { ReplyView } from './reply-view'

export interface FollowedReply {
  readonly view: ReplyView
  readonly connection: Connection
}

export type EndListener = (replyId: string, view: ReplyView) => void

interface ReplyState {
  readonly replies: Readonly<Record<string, FollowedReply>>
}

const MAX_CONNECTIONS = 2
const HIDDEN_MS = 30_000

/** The replies that have a connection, the one that was looked at last at the end. */
const streams = new Map<string, ReplyStream>()
const watchers = new Map<string, number>()
const endListeners = new Set<EndListener>()

export const useReplies = create<ReplyState>()(() => ({ replies: {} }))

const batch = new FrameBatch<FollowedReply>(
  ({ view }) => view.text.length,
  (news) => useReplies.setState(({ replies }) => ({ replies: { ...replies, ...news } })),
)

/** Read a reply for somebody who looks at it, until the function that is returned is called. */
export function watchReply(replyId: string): () => void {
  watchers.set(replyId, (watchers.get(replyId) ?? 0) + 1)
  followReply(replyId)
  return () => {
    const left = (watchers.get(replyId) ?? 1) - 1
    if (left > 0) watchers.set(replyId, left)
    else watchers.delete(replyId)
  }
}

/** Read a reply, unless it is read already. */
export function followReply(replyId: string): void {
  const running = streams.get(replyId)
  streams.delete(replyId)
  streams.set(replyId, running ?? begin(replyId))
  makeRoom()
}

/** Give up what was read: it is stored and shown from there. */
export function forgetReply(replyId: string): void {
  putAside(replyId)
  batch.drop(replyId)
  useReplies.setState(({ replies }) => {
    const rest = Object.entries(replies).filter(([id]) => id !== replyId)
    return { replies: Object.fromEntries(rest) }
  })
}

/** Give up a reply that has ended while it was put aside. */
export function forgetUnread(replyId: string): void {
  if (!streams.has(replyId)) forgetReply(replyId)
}

/** Stop reading everything, at signing out. */
export function forgetAllReplies(): void {
  putAllAside()
  batch.clear()
  useReplies.setState({ replies: {} })
}

export function onReplyEnd(listener: EndListener): () => void {
  endListeners.add(listener)
  return () => endListeners.delete(listener)
}

/** A tab that nobody looks at leaves its connections to the others; it goes on where it was. */
export function restWhileHidden(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const look = () => {
    clearTimeout(timer)
    if (document.hidden) timer = setTimeout(putAllAside, HIDDEN_MS)
    else for (const replyId of watchers.keys()) followReply(replyId)
  }
  document.addEventListener('visibilitychange', look)
  return () => {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', look)
  }
}

function putAllAside(): void {
  for (const replyId of [...streams.keys()]) putAside(replyId)
}

function begin(replyId: string): ReplyStream {
  const stream = new ReplyStream(
    replyId,
    (view, connection) => batch.put(replyId, { view, connection }),
    browserPorts,
    useReplies.getState().replies[replyId]?.view,
  )
  void stream.run().then(() => ended(replyId, stream.view))
  return stream
}

function makeRoom(): void {
  const unwatched = [...streams.keys()].filter((replyId) => !watchers.has(replyId))
  // The one that was asked for last may be looked at in a moment.
  const spare = unwatched.slice(0, -1)
  for (const replyId of spare.slice(0, Math.max(0, streams.size - MAX_CONNECTIONS)))
    putAside(replyId)
}

function putAside(replyId: string): void {
  batch.flush()
  streams.get(replyId)?.stop()
  streams.delete(replyId)
}

function ended(replyId: string, view: ReplyView): void {
  if (view.phase !== 'ended') return
  batch.flush()
  for (const listener of endListeners) listener(replyId, view)
}
