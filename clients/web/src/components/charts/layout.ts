/** Where things stand in a chart. Pure. */

import { scaleBand, scaleLinear } from 'd3-scale'

export const HEIGHT = 208
export const TOP = 10
export const BOTTOM = 24
const LABEL_PX = 72

/** Return the scale of values, which begins at 0 and ends at a round number. */
export function valueScale(largest: number) {
  return scaleLinear()
    .domain([0, largest > 0 ? largest : 1])
    .nice(4)
    .range([HEIGHT - BOTTOM, TOP])
}

/** Return the places of the steps. */
export function stepScale(count: number, left: number, width: number) {
  return scaleBand<number>()
    .domain(Array.from({ length: count }, (_, index) => index))
    .range([left, width])
    .paddingInner(count > 60 ? 0.15 : 0.3)
    .paddingOuter(0.1)
}

/** Return which steps have their time written under them: as many as there is space for. */
export function labelledSteps(count: number, width: number): number[] {
  const most = Math.max(2, Math.floor(width / LABEL_PX))
  const every = Math.max(1, Math.ceil(count / most))
  const first = Math.floor(((count - 1) % every) / 2)
  return Array.from({ length: count }, (_, index) => index).filter(
    (index) => (index - first) % every === 0 && index >= first,
  )
}

/** Return the step under a place. */
export function stepAt(x: number, count: number, left: number, width: number): number {
  const share = (x - left) / Math.max(1, width - left)
  return Math.min(count - 1, Math.max(0, Math.floor(share * count)))
}
