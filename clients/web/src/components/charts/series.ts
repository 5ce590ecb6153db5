/** What charts show: values of named series over steps of time. */

/** `dash` and `fill` tell series apart together with the legend; colours differ in lightness too. */
export type Tone = 1 | 2 | 3 | 'bad'

export interface Series<Step> {
  readonly key: string
  readonly name: string
  readonly tone: Tone
  /** `null`: nothing is known of this step. */
  readonly valueOf: (step: Step) => number | null
}

export const FILL: Record<Tone, string> = {
  1: 'fill-chart-1',
  2: 'fill-chart-2',
  3: 'fill-chart-3',
  bad: 'fill-destructive',
}
export const STROKE: Record<Tone, string> = {
  1: 'stroke-chart-1',
  2: 'stroke-chart-2',
  3: 'stroke-chart-3',
  bad: 'stroke-destructive',
}
export const SWATCH: Record<Tone, string> = {
  1: 'bg-chart-1',
  2: 'bg-chart-2',
  3: 'bg-chart-3',
  bad: 'bg-destructive',
}
export const DASH: Record<Tone, string | undefined> = {
  1: undefined,
  2: '5 3',
  3: '2 3',
  bad: undefined,
}
