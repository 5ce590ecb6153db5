import type { KeyboardEvent, ReactNode } from 'react'

import { BOTTOM, HEIGHT, labelledSteps, stepAt, stepScale, TOP, valueScale } from './layout'
import { useWidth } from './use-width'

export interface PlotScales {
  x: ReturnType<typeof stepScale>
  y: ReturnType<typeof valueScale>
}

interface PlotProps {
  /** What it shows, in words. */
  label: string
  count: number
  largest: number
  timeOf: (index: number) => string
  axisValue: (value: number) => string
  chosen: number | undefined
  choose: (index: number | undefined) => void
  children: (scales: PlotScales) => ReactNode
}

const AXIS_CHARACTER_PX = 7

/** The frame of a chart over time: axes, and the step that is pointed at or chosen by keys. */
export function Plot({ count, largest, timeOf, axisValue, chosen, choose, ...rest }: PlotProps) {
  const [box, width] = useWidth()
  const y = valueScale(largest)
  const ticks = y.ticks(4)
  const left = 10 + AXIS_CHARACTER_PX * Math.max(...ticks.map((tick) => axisValue(tick).length))
  const x = stepScale(count, left, width)
  const middle = (index: number) => (x(index) ?? 0) + x.bandwidth() / 2
  const onKeyDown = (event: KeyboardEvent) => {
    const next = nextStep(event.key, chosen, count)
    if (next === undefined) return
    event.preventDefault()
    choose(next === null ? undefined : next)
  }
  return (
    <div
      ref={box}
      role="group"
      aria-label={rest.label}
      tabIndex={0}
      className="rounded-md outline-none focus-visible:ring-2 focus-visible:ring-ring"
      onKeyDown={onKeyDown}
      onBlur={() => choose(undefined)}
      onPointerMove={(event) => {
        const { left: edge } = event.currentTarget.getBoundingClientRect()
        choose(stepAt(event.clientX - edge, count, left, width))
      }}
      onPointerLeave={() => choose(undefined)}
    >
      <svg width={width} height={HEIGHT} aria-hidden className="block overflow-visible">
        {ticks.map((tick) => (
          <g key={tick}>
            <line x1={left} x2={width} y1={y(tick)} y2={y(tick)} className="stroke-border" />
            <text
              x={left - 8}
              y={y(tick)}
              dy="0.32em"
              textAnchor="end"
              className="fill-muted-foreground text-xs tabular-nums"
            >
              {axisValue(tick)}
            </text>
          </g>
        ))}
        {chosen !== undefined && (
          <rect
            x={middle(chosen) - x.step() / 2}
            width={x.step()}
            y={TOP}
            height={HEIGHT - BOTTOM - TOP}
            className="fill-foreground/8"
          />
        )}
        {width > 0 && rest.children({ x, y })}
        {labelledSteps(count, width - left).map((index) => (
          <text
            key={index}
            x={middle(index)}
            y={HEIGHT - 6}
            textAnchor="middle"
            className="fill-muted-foreground text-xs"
          >
            {timeOf(index)}
          </text>
        ))}
      </svg>
    </div>
  )
}

/** `null`: no step any more. */
function nextStep(
  key: string,
  chosen: number | undefined,
  count: number,
): number | null | undefined {
  if (key === 'Escape') return null
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  if (key === 'ArrowLeft') return Math.max(0, (chosen ?? count) - 1)
  if (key === 'ArrowRight') return Math.min(count - 1, (chosen ?? -1) + 1)
  return undefined
}
