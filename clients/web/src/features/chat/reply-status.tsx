import { useTranslation } from 'react-i18next'

import type { FollowedReply } from '@/streaming/reply-store'

/** What a reader waits for: the queue, another worker, the network. Nothing while text comes. */
export function ReplyStatus({ reply }: { reply: FollowedReply | undefined }) {
  const { t } = useTranslation('chat')
  const words = useStatusWords(reply)
  const streaming = reply?.view.phase === 'streaming' && words === undefined
  if (streaming || reply?.view.phase === 'ended') return null
  return (
    <div role="status" className="flex items-center gap-2.5 py-1 text-sm text-muted-foreground">
      <span aria-hidden className="size-2.5 animate-breathe rounded-full bg-primary" />
      {words ?? <span className="sr-only">{t('thinking')}</span>}
    </div>
  )
}

function useStatusWords(reply: FollowedReply | undefined): string | undefined {
  const { t } = useTranslation('chat')
  if (!reply) return undefined
  const { view, connection } = reply
  if (connection === 'offline') return t('offline')
  if (connection === 'closed') return t('signedOut')
  if (view.phase === 'recovering') return t('recovering')
  if (!view.queue) return undefined
  const { position, etaS } = view.queue
  const place = position <= 1 ? t('next') : t('queued', { count: position - 1 })
  return etaS === null ? place : `${place} · ${t('eta', { count: Math.max(1, Math.round(etaS)) })}`
}
