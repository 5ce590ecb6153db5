import { useTranslation } from 'react-i18next'

import type { Erasure } from '@/api/types'
import { useFormats } from '@/i18n/formats'

const COUNTS = ['conversations', 'messages', 'log_events', 'reply_frames'] as const

/** What an erasure has removed, as the server counted it. */
export function ErasureReport({ report }: { report: Erasure }) {
  const { t } = useTranslation('settings')
  const { number } = useFormats()
  if (report.status === 'accepted') {
    return <p className="text-sm text-muted-foreground">{t('erase.accepted')}</p>
  }
  return (
    <dl className="w-full divide-y rounded-xl border bg-card text-sm">
      {COUNTS.map((name) => (
        <div key={name} className="flex justify-between gap-4 px-4 py-2.5">
          <dt className="text-muted-foreground">{t(`erase.counts.${name}`)}</dt>
          <dd className="font-medium tabular-nums">{number(report[name] ?? 0)}</dd>
        </div>
      ))}
    </dl>
  )
}
