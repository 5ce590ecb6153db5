/** How the steps of a chart are written: days are those of UTC, hours the reader's own. */

import { useTranslation } from 'react-i18next'

import type { Interval } from './period'

interface StepTimes {
  tickOf: (step: { at_ms: number }) => string
  timeOf: (step: { at_ms: number }) => string
}

export function useStepTimes(interval: Interval): StepTimes {
  const { i18n } = useTranslation()
  const write = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(i18n.language, options)
    return ({ at_ms: at }: { at_ms: number }) => format.format(at)
  }
  return interval === 'day'
    ? {
        tickOf: write({ day: 'numeric', month: 'short', timeZone: 'UTC' }),
        timeOf: write({ dateStyle: 'medium', timeZone: 'UTC' }),
      }
    : {
        tickOf: write({ hour: 'numeric', minute: '2-digit' }),
        timeOf: write({
          weekday: 'short',
          day: 'numeric',
          month: 'short',
          hour: 'numeric',
          minute: '2-digit',
        }),
      }
}
