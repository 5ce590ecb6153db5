/** What of the usage is drawn. Pure. */

import type { TFunction } from 'i18next'

import type { OwnUsage, UsagePoint } from '@/api/types'
import type { Series } from '@/components/charts/series'

/** What one's own usage and everybody's have in common. */
export type Charted = Pick<
  OwnUsage,
  'since_ms' | 'until_ms' | 'interval' | 'currency' | 'totals' | 'series'
>

type Words = TFunction<'usage'>

/** Cached tokens are a part of the prompt's: the bar is as high as all tokens. */
export function tokenSeries(t: Words): Series<UsagePoint>[] {
  return [
    {
      key: 'prompt',
      name: t('series.prompt'),
      tone: 1,
      valueOf: (point) => point.prompt_tokens - point.cached_tokens,
    },
    { key: 'cached', name: t('series.cached'), tone: 2, valueOf: (point) => point.cached_tokens },
    {
      key: 'completion',
      name: t('series.completion'),
      tone: 3,
      valueOf: (point) => point.completion_tokens,
    },
  ]
}

export function replySeries(t: Words): Series<UsagePoint>[] {
  return [
    { key: 'completed', name: t('series.completed'), tone: 1, valueOf: (point) => point.completed },
    { key: 'cancelled', name: t('series.cancelled'), tone: 2, valueOf: (point) => point.cancelled },
    { key: 'failed', name: t('series.failed'), tone: 'bad', valueOf: (point) => point.failed },
  ]
}

export function costSeries(t: Words): Series<UsagePoint>[] {
  return [{ key: 'cost', name: t('cost'), tone: 1, valueOf: (point) => point.cost }]
}
