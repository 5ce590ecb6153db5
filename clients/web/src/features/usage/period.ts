/** The spans of time that usage can be looked at, and their steps. Pure. */

export const PERIODS = ['24h', '3d', '7d', '30d', '90d'] as const
export type Period = (typeof PERIODS)[number]
export type Interval = 'hour' | 'day'

export const STEP_MS: Record<Interval, number> = { hour: 3_600_000, day: 86_400_000 }
const STEPS: Record<Period, { interval: Interval; count: number }> = {
  '24h': { interval: 'hour', count: 24 },
  '3d': { interval: 'hour', count: 72 },
  '7d': { interval: 'day', count: 7 },
  '30d': { interval: 'day', count: 30 },
  '90d': { interval: 'day', count: 90 },
}

export function periodOf(text: string | null): Period {
  return PERIODS.find((period) => period === text) ?? '30d'
}

/** Return what to ask for: so many whole steps, the one that runs is the last. */
export function periodQuery(period: Period, now: number): { since: number; interval: Interval } {
  const { interval, count } = STEPS[period]
  const step = STEP_MS[interval]
  return { since: Math.floor(now / step) * step - (count - 1) * step, interval }
}

interface Span {
  readonly since_ms: number
  readonly until_ms: number
  readonly interval: Interval
}

/** Return every step of a span; those of which nothing is known are made by `empty`. */
export function everyStep<Point extends { at_ms: number }>(
  { since_ms, until_ms, interval }: Span,
  points: readonly Point[],
  empty: (at: number) => Point,
): Point[] {
  const step = STEP_MS[interval]
  const known = new Map(points.map((point) => [point.at_ms, point]))
  const steps: Point[] = []
  for (let at = Math.floor(since_ms / step) * step; at < until_ms; at += step) {
    steps.push(known.get(at) ?? empty(at))
  }
  return steps
}
