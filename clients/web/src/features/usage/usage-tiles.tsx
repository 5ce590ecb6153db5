import { useTranslation } from 'react-i18next'

import type { UsageSums } from '@/api/types'
import { StatTile } from '@/components/stat-tile'
import { useFormats } from '@/i18n/formats'

/** The totals of a period. */
export function UsageTiles({ totals, currency }: { totals: UsageSums; currency: string }) {
  const { t } = useTranslation('usage')
  const formats = useFormats()
  const cached = totals.prompt_tokens > 0 ? totals.cached_tokens / totals.prompt_tokens : 0
  const parts = [
    totals.cancelled > 0 && t('cancelled', { count: totals.cancelled }),
    totals.failed > 0 && t('failed', { count: totals.failed }),
    totals.completed === totals.replies && t('allCompleted'),
    totals.titles > 0 &&
      t('titles', { count: totals.titles, shown: formats.number(totals.titles) }),
  ].filter((part) => part !== false)
  return (
    <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <StatTile
        name={t('replies')}
        value={formats.number(totals.replies)}
        note={parts.join(', ')}
      />
      <StatTile
        name={t('promptTokens')}
        value={formats.compact(totals.prompt_tokens)}
        note={t('ofThemCached', { share: formats.percent(cached) })}
      />
      <StatTile
        name={t('completionTokens')}
        value={formats.compact(totals.completion_tokens)}
        note={t('perReply', {
          tokens: formats.number(totals.completion_tokens / Math.max(1, totals.replies)),
        })}
      />
      <StatTile
        name={t('cost')}
        value={totals.cost === null ? '–' : formats.money(totals.cost, currency)}
        note={currency === '' ? t('noPrices') : t('byPrices')}
      />
    </dl>
  )
}
