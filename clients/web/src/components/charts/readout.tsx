import { cn } from '@/components/class-names'

import { SWATCH, type Series } from './series'

interface ReadoutProps<Step> {
  series: readonly Series<Step>[]
  /** The step that is pointed at; without one only the names are shown. */
  step: Step | undefined
  time: string
  valueText: (value: number) => string
}

/** The legend; it also says the values of the step that is pointed at. */
export function Readout<Step>({ series, step, time, valueText }: ReadoutProps<Step>) {
  const text = (value: number | null) => (value === null ? '–' : valueText(value))
  return (
    <div role="status" className="flex min-h-5 flex-wrap gap-x-4 gap-y-1 text-xs">
      {series.map(({ key, name, tone, valueOf }) => (
        <span key={key} className="flex items-center gap-1.5 text-muted-foreground">
          <span aria-hidden className={cn('size-2.5 rounded-xs', SWATCH[tone])} />
          {name}
          {step !== undefined && (
            <span className="font-medium text-foreground tabular-nums">{text(valueOf(step))}</span>
          )}
        </span>
      ))}
      {step !== undefined && <span className="ml-auto text-muted-foreground">{time}</span>}
    </div>
  )
}
