import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { NEW_REPLY } from '@/streaming/reply-view'
import type { FollowedReply } from '@/streaming/reply-store'
import { useOnline } from '@/streaming/use-online'

import { modelList } from './models'
import { useQuiet } from './use-quiet'
import { waitingFor, type WaitingFor } from './waiting-for'

const WAITING_LOOKS_MS = 3_000

/** What a reader waits for: the queue, another worker, the network. Nothing while text comes. */
export function ReplyStatus({ reply, model }: { reply: FollowedReply | undefined; model: string }) {
  const view = reply?.view ?? NEW_REPLY
  const online = useOnline()
  const quiet = useQuiet(view.cursor)
  const connection = reply?.connection ?? 'connecting'
  const served = useServed(model, view.phase === 'waiting')
  const waiting = waitingFor({ view, connection, online, served, quiet })
  const words = useWords(waiting, model)
  if (waiting.kind === 'nothing') return null
  return (
    <div role="status" className="flex items-center gap-2.5 py-1 text-sm text-muted-foreground">
      <span aria-hidden className="size-2.5 shrink-0 animate-breathe rounded-full bg-primary" />
      <span className={waiting.kind === 'beginning' ? 'sr-only' : undefined}>{words}</span>
    </div>
  )
}

function useWords(waiting: WaitingFor, model: string): string {
  const { t } = useTranslation('chat')
  const queue = useQueueWords()
  switch (waiting.kind) {
    case 'nothing':
      return ''
    case 'beginning':
      return t('thinking')
    case 'network':
      return t('offlineReply')
    case 'server':
      return t('offline')
    case 'session':
      return t('signedOut')
    case 'unserved':
      return t('unserved', { model })
    case 'worker':
      return t('recovering')
    case 'delta':
      return t('stalled')
    case 'queue':
      return queue(waiting.before, waiting.etaS)
  }
}

/** Whether a worker is there for a model; looked at more often while somebody waits for it. */
function useServed(model: string, waits: boolean): boolean {
  const { data } = useQuery({
    ...modelList,
    ...(waits ? { refetchInterval: WAITING_LOOKS_MS } : {}),
  })
  return data?.find(({ id }) => id === model)?.ready ?? true
}

const MINUTE_S = 60

function useQueueWords(): (before: number, etaS: number | null) => string {
  const { t } = useTranslation('chat')
  return (before, etaS) => {
    const place = before === 0 ? t('queuedNext') : t('queuedBehind', { count: before })
    if (etaS === null) return place
    const wait =
      etaS < 2 * MINUTE_S
        ? t('queuedEta', { count: Math.max(1, Math.round(etaS)) })
        : t('queuedEtaMinutes', { count: Math.round(etaS / MINUTE_S) })
    return `${place} ${wait}`
  }
}
