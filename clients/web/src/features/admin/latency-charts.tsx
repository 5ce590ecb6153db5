import { useTranslation } from 'react-i18next'

import type { AllUsage, TimedPoint } from '@/api/types'
import { LazyTimeChart } from '@/components/charts/lazy-time-chart'
import { emptyTimedPoint } from '@/features/usage/no-usage'
import { everyStep } from '@/features/usage/period'
import { useStepTimes } from '@/features/usage/use-step-times'
import { useFormats } from '@/i18n/formats'

import { percentileSeries } from './percentile-series'

const MEASURES = ['first_token_ms', 'inter_token_ms', 'queue_ms'] as const

/** How long people waited, over time. */
export function LatencyCharts({ usage }: { usage: AllUsage }) {
  const { t } = useTranslation('admin')
  const { span } = useFormats()
  const times = useStepTimes(usage.interval)
  const steps: TimedPoint[] = everyStep(usage, usage.series, emptyTimedPoint)
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4 *:first:col-span-full lg:grid-cols-2">
      {MEASURES.map((measure) => {
        const { p50, p95 } = usage.totals.latency[measure]
        return (
          <LazyTimeChart
            {...times}
            key={measure}
            kind="lines"
            title={t(`latency.${measure}`)}
            summary={
              p50 === null || p95 === null
                ? t('latency.nothing')
                : t('latency.summary', { p50: span(p50), p95: span(p95) })
            }
            steps={steps}
            series={percentileSeries(measure)}
            valueText={span}
          />
        )
      })}
    </div>
  )
}
