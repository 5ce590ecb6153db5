import { line } from 'd3-shape'

import type { PlotScales } from './plot'
import { DASH, FILL, STROKE, type Series } from './series'

interface LinesProps<Step> {
  steps: readonly Step[]
  series: readonly Series<Step>[]
  scales: PlotScales
}

/** One line a series, with a gap where nothing is known; a step alone is a dot. */
export function Lines<Step>({ steps, series, scales: { x, y } }: LinesProps<Step>) {
  const middle = (index: number) => (x(index) ?? 0) + x.bandwidth() / 2
  return series.map(({ key, tone, valueOf }) => {
    const values = steps.map(valueOf)
    const path = line<number | null>()
      .defined((value) => value !== null)
      .x((_, index) => middle(index))
      .y((value) => y(value ?? 0))(values)
    return (
      <g key={key}>
        <path
          d={path ?? ''}
          fill="none"
          strokeWidth={2}
          strokeLinejoin="round"
          strokeDasharray={DASH[tone]}
          className={STROKE[tone]}
        />
        {values.map((value, index) =>
          value === null ? null : (
            <circle
              key={index}
              cx={middle(index)}
              cy={y(value)}
              r={values.length > 60 ? 1.5 : 2.5}
              className={FILL[tone]}
            />
          ),
        )}
      </g>
    )
  })
}

/** Return the largest value of all lines. */
export function highestPoint<Step>(
  steps: readonly Step[],
  series: readonly Series<Step>[],
): number {
  return Math.max(0, ...steps.flatMap((step) => series.map(({ valueOf }) => valueOf(step) ?? 0)))
}
