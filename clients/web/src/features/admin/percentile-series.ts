/** Which percentiles are drawn. Pure. */

import type { TimedPoint } from '@/api/types'
import type { Series } from '@/components/charts/series'

export type Measure = keyof TimedPoint['latency']

export function percentileSeries(measure: Measure): Series<TimedPoint>[] {
  return [
    { key: 'p50', name: 'p50', tone: 1, valueOf: (point) => point.latency[measure].p50 },
    { key: 'p95', name: 'p95', tone: 2, valueOf: (point) => point.latency[measure].p95 },
    { key: 'p99', name: 'p99', tone: 3, valueOf: (point) => point.latency[measure].p99 },
  ]
}
