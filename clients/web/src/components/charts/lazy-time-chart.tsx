import { lazy, Suspense } from 'react'

import { Skeleton } from '@/components/ui/skeleton'

import type { TimeChartProps } from './time-chart'

const TimeChart = lazy(() => import('./time-chart'))

/** Charts are a chunk of their own: numbers are there before they are. */
export function LazyTimeChart<Step>(props: TimeChartProps<Step>) {
  const shown = props as TimeChartProps<unknown>
  return (
    <Suspense fallback={<Skeleton className="h-80 w-full rounded-xl" />}>
      <TimeChart {...shown} />
    </Suspense>
  )
}
