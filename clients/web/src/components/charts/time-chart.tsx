import { ChartColumnIcon, TableIcon } from 'lucide-react'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { Button } from '@/components/ui/button'

import { Bars, highestBar } from './bars'
import { ChartTable } from './chart-table'
import { highestPoint, Lines } from './lines'
import { Plot } from './plot'
import { Readout } from './readout'
import type { Series } from './series'

export interface TimeChartProps<Step> {
  title: string
  /** What it comes to, in a sentence. */
  summary: string
  kind: 'bars' | 'lines'
  steps: readonly Step[]
  series: readonly Series<Step>[]
  /** Short, for the axis; and in full. */
  tickOf: (step: Step) => string
  timeOf: (step: Step) => string
  valueText: (value: number) => string
  axisText?: (value: number) => string
}

/** A chart over time with its legend, a summary in words, and the same as a table. */
export default function TimeChart<Step>(props: TimeChartProps<Step>) {
  const { t } = useTranslation('usage')
  const id = useId()
  const [asTable, setAsTable] = useState(false)
  const [chosen, setChosen] = useState<number>()
  const { title, summary, kind, steps, series, tickOf, timeOf, valueText } = props
  const step = chosen === undefined ? undefined : steps[chosen]
  const largest = kind === 'bars' ? highestBar(steps, series) : highestPoint(steps, series)
  const Icon = asTable ? ChartColumnIcon : TableIcon
  return (
    <figure
      aria-labelledby={id}
      className="grid grid-cols-[minmax(0,1fr)] gap-3 rounded-xl border bg-card p-4"
    >
      <figcaption className="flex items-start justify-between gap-3">
        <div>
          <h3 id={id} className="text-sm font-medium">
            {title}
          </h3>
          <p className="text-sm text-muted-foreground">{summary}</p>
        </div>
        <Button
          size="icon-sm"
          variant="ghost"
          className="-mt-1.5 -mr-1.5 text-muted-foreground"
          aria-pressed={asTable}
          aria-label={t('asTable', { title })}
          title={asTable ? t('showChart') : t('showTable')}
          onClick={() => setAsTable(!asTable)}
        >
          <Icon />
        </Button>
      </figcaption>
      {asTable ? (
        <ChartTable label={title} timeName={t('time')} {...{ steps, series, timeOf, valueText }} />
      ) : (
        <>
          <Plot
            label={t('chartLabel', { title, summary })}
            count={steps.length}
            largest={largest}
            timeOf={(index) => textOf(steps[index], tickOf)}
            axisValue={props.axisText ?? valueText}
            chosen={chosen}
            choose={setChosen}
          >
            {(scales) =>
              kind === 'bars' ? (
                <Bars steps={steps} series={series} scales={scales} />
              ) : (
                <Lines steps={steps} series={series} scales={scales} />
              )
            }
          </Plot>
          <Readout series={series} step={step} time={textOf(step, timeOf)} valueText={valueText} />
        </>
      )}
    </figure>
  )
}

function textOf<Step>(step: Step | undefined, write: (step: Step) => string): string {
  return step === undefined ? '' : write(step)
}
