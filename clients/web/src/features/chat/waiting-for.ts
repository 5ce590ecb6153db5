/** What somebody who looks at a reply waits for. Pure. */

import type { Connection } from '@/streaming/event-source'
import type { ReplyView } from '@/streaming/reply-view'

export type WaitingFor =
  | { readonly kind: 'nothing' | 'beginning' | 'network' | 'server' | 'session' | 'unserved' }
  | { readonly kind: 'worker' | 'delta' }
  | { readonly kind: 'queue'; readonly before: number; readonly etaS: number | null }

interface Circumstances {
  view: ReplyView
  connection: Connection
  online: boolean
  /** A worker is there for the model. */
  served: boolean
  /** Nothing has come for a while. */
  quiet: boolean
}

export function waitingFor({ view, connection, online, served, quiet }: Circumstances): WaitingFor {
  if (view.phase === 'ended') return { kind: 'nothing' }
  if (!online) return { kind: 'network' }
  if (connection === 'offline') return { kind: 'server' }
  if (connection === 'closed') return { kind: 'session' }
  if (view.phase === 'recovering') return { kind: 'worker' }
  if (!served && view.phase === 'waiting') return { kind: 'unserved' }
  if (view.queue) {
    const { position, etaS } = view.queue
    return { kind: 'queue', before: Math.max(0, position - 1), etaS }
  }
  if (view.phase === 'waiting') return { kind: 'beginning' }
  return { kind: quiet ? 'delta' : 'nothing' }
}
