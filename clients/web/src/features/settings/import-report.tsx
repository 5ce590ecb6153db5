import { CircleCheckIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'

import type { ImportReport } from '@/api/types'
import { useFormats } from '@/i18n/formats'

const SHOWN = 50

/** What a file has brought, and what of it was left out and why. */
export function ImportReportView({ report }: { report: ImportReport }) {
  const { t } = useTranslation('settings')
  const { number } = useFormats()
  const { conversations, messages, skipped, skipped_total: total } = report
  return (
    <div className="rounded-xl border bg-card">
      <p className="flex items-start gap-2.5 px-4 py-3.5 text-sm">
        <CircleCheckIcon aria-hidden className="mt-0.5 size-4 shrink-0 text-primary" />
        {conversations === 0
          ? t('import.nothing')
          : t('import.brought', {
              count: conversations,
              conversations: number(conversations),
              messages: t('import.messages', { count: messages, shown: number(messages) }),
            })}
      </p>
      {total > 0 && (
        <details className="border-t" open={total <= 5}>
          <summary className="cursor-pointer rounded-b-xl px-4 py-3 text-sm font-medium outline-none focus-visible:ring-2 focus-visible:ring-ring">
            {t('import.skipped', { count: total, shown: number(total) })}
          </summary>
          <ul className="max-h-72 divide-y overflow-y-auto border-t text-sm" tabIndex={0}>
            {skipped.slice(0, SHOWN).map(({ index, title, reason }) => (
              <li key={`${index}-${reason}`} className="grid gap-0.5 px-4 py-2.5">
                <span dir="auto" className="truncate font-medium">
                  {title || t('import.untitled', { number: number(index + 1) })}
                </span>
                <span className="text-muted-foreground">{reason}</span>
              </li>
            ))}
            {total > SHOWN && (
              <li className="px-4 py-2.5 text-muted-foreground">
                {t('import.more', { count: total - SHOWN, shown: number(total - SHOWN) })}
              </li>
            )}
          </ul>
        </details>
      )}
    </div>
  )
}
