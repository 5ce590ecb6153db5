import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { MonitorIcon, SmartphoneIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'

import { api, dataOf } from '@/api/client'
import type { ActiveSession } from '@/api/types'
import { useErrorSentence } from '@/api/use-error-sentence'
import { ErrorNote } from '@/components/error-note'
import { RowsSkeleton } from '@/components/page-skeleton'
import { Badge } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import { toast } from '@/components/ui/toaster'
import { useFormats } from '@/i18n/formats'

import { deviceName } from './device-name'
import { sessionsQuery, settingsKeys } from './settings-queries'

/** Where one is signed in; this browser first. */
export function SessionList() {
  const sessions = useQuery(sessionsQuery)
  if (sessions.isPending) return <RowsSkeleton rows={2} />
  if (sessions.isError) {
    return <ErrorNote error={sessions.error} retry={() => void sessions.refetch()} />
  }
  const ordered = sessions.data.toSorted((a, b) => Number(b.current) - Number(a.current))
  return (
    <ul className="divide-y rounded-xl border bg-card">
      {ordered.map((session) => (
        <SessionRow key={session.session_id} session={session} now={sessions.dataUpdatedAt} />
      ))}
    </ul>
  )
}

function SessionRow({ session, now }: { session: ActiveSession; now: number }) {
  const { t } = useTranslation('settings')
  const formats = useFormats()
  const ending = useEndSession()
  const { name, phone } = deviceName(session.device)
  const shown = name || t('sessions.unknown')
  const Icon = phone ? SmartphoneIcon : MonitorIcon
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3.5">
      <Icon aria-hidden className="size-5 shrink-0 text-muted-foreground" />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2 text-sm font-medium">
          <span className="truncate">{shown}</span>
          {session.current && <Badge>{t('sessions.current')}</Badge>}
        </p>
        <p className="text-sm text-muted-foreground">
          {t('sessions.since', { date: formats.date(session.created_at_ms) })}
          {' · '}
          {t('sessions.active', { ago: formats.ago(session.refreshed_at_ms, now) })}
        </p>
      </div>
      {!session.current && (
        <Button
          variant="outline"
          size="sm"
          disabled={ending.isPending}
          aria-label={t('sessions.endOf', { device: shown })}
          onClick={() => ending.mutate(session.session_id)}
        >
          {t('sessions.end')}
        </Button>
      )}
    </li>
  )
}

function useEndSession() {
  const { t } = useTranslation('settings')
  const client = useQueryClient()
  const sentence = useErrorSentence()
  return useMutation({
    mutationFn: (id: string) =>
      dataOf(api.DELETE('/api/me/sessions/{session_id}', { params: { path: { session_id: id } } })),
    onSuccess: () => toast(t('sessions.ended')),
    onError: (cause) => toast(sentence(cause), { tone: 'error' }),
    onSettled: () => client.invalidateQueries({ queryKey: settingsKeys.sessions }),
  })
}
