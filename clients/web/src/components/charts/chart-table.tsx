import { NumberTd, NumberTh, Table, Td, Th } from '@/components/ui/table'

import type { Series } from './series'

interface ChartTableProps<Step> {
  label: string
  timeName: string
  steps: readonly Step[]
  series: readonly Series<Step>[]
  timeOf: (step: Step) => string
  valueText: (value: number) => string
}

/** What a chart shows, as numbers; the latest first, without steps in which there was nothing. */
export function ChartTable<Step>({
  label,
  timeName,
  steps,
  series,
  ...texts
}: ChartTableProps<Step>) {
  const filled = steps.filter((step) => series.some(({ valueOf }) => (valueOf(step) ?? 0) > 0))
  const text = (value: number | null) => (value === null ? '–' : texts.valueText(value))
  return (
    <div className="max-h-72 overflow-y-auto">
      <Table aria-label={label}>
        <thead>
          <tr>
            <Th>{timeName}</Th>
            {series.map(({ key, name }) => (
              <NumberTh key={key}>{name}</NumberTh>
            ))}
          </tr>
        </thead>
        <tbody>
          {filled.toReversed().map((step) => (
            <tr key={texts.timeOf(step)}>
              <Td className="whitespace-nowrap">{texts.timeOf(step)}</Td>
              {series.map(({ key, valueOf }) => (
                <NumberTd key={key}>{text(valueOf(step))}</NumberTd>
              ))}
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  )
}
