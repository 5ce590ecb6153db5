import { HEIGHT, BOTTOM } from './layout'
import type { PlotScales } from './plot'
import { FILL, type Series } from './series'

interface BarsProps<Step> {
  steps: readonly Step[]
  series: readonly Series<Step>[]
  scales: PlotScales
}

/** Values on top of each other, with a line of background between them. */
export function Bars<Step>({ steps, series, scales: { x, y } }: BarsProps<Step>) {
  return steps.map((step, index) => {
    const left = x(index) ?? 0
    const width = Math.max(1, x.bandwidth())
    let below = 0
    return (
      <g key={index}>
        {series.map(({ key, tone, valueOf }) => {
          const value = valueOf(step) ?? 0
          if (value <= 0) return null
          const bottom = below === 0 ? HEIGHT - BOTTOM : y(below) - 1
          below += value
          const top = Math.min(y(below), HEIGHT - BOTTOM - 1)
          return (
            <rect
              key={key}
              x={left}
              width={width}
              y={top}
              height={Math.max(1, bottom - top)}
              rx={Math.min(2, width / 4)}
              className={FILL[tone]}
            />
          )
        })}
      </g>
    )
  })
}

/** Return how high the highest bar is. */
export function highestBar<Step>(steps: readonly Step[], series: readonly Series<Step>[]): number {
  const heights = steps.map((step) =>
    series.reduce((sum, { valueOf }) => sum + (valueOf(step) ?? 0), 0),
  )
  return Math.max(0, ...heights)
}
