import { useTranslation } from 'react-i18next'

import type { UsagePoint } from '@/api/types'
import { LazyTimeChart } from '@/components/charts/lazy-time-chart'
import { useFormats } from '@/i18n/formats'

import { emptyPoint } from './no-usage'
import { everyStep } from './period'
import { costSeries, replySeries, tokenSeries, type Charted } from './usage-series'
import { useStepTimes } from './use-step-times'

/** Replies, tokens and cost over time. */
export function UsageCharts({ usage }: { usage: Charted }) {
  const { t } = useTranslation('usage')
  const formats = useFormats()
  const times = useStepTimes(usage.interval)
  const { totals, currency } = usage
  const steps: UsagePoint[] = everyStep(usage, usage.series, emptyPoint)
  const money = (value: number) => formats.money(value, currency)
  const answers = [
    t('repliesSummary', { count: totals.replies, shown: formats.number(totals.replies) }),
    totals.titles > 0 &&
      t('titles', { count: totals.titles, shown: formats.number(totals.titles) }),
  ].filter((part) => part !== false)
  const tokens = totals.prompt_tokens + totals.completion_tokens
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4 lg:grid-cols-2">
      <div className="lg:col-span-2">
        <LazyTimeChart
          {...times}
          kind="bars"
          title={t('tokens')}
          summary={t('tokensSummary', { tokens: formats.number(tokens) })}
          steps={steps}
          series={tokenSeries(t)}
          valueText={formats.number}
          axisText={formats.compact}
        />
      </div>
      <LazyTimeChart
        {...times}
        kind="bars"
        title={t('replies')}
        summary={answers.join(', ')}
        steps={steps}
        series={replySeries(t)}
        valueText={formats.number}
        axisText={formats.compact}
      />
      {totals.cost !== null && (
        <LazyTimeChart
          {...times}
          kind="bars"
          title={t('cost')}
          summary={t('costSummary', { cost: money(totals.cost) })}
          steps={steps}
          series={costSeries(t)}
          valueText={money}
          axisText={formats.figure}
        />
      )}
    </div>
  )
}
