/** Numbers and moments in the reader's language. */

import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'

const MINUTE = 60_000
const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 24 * 60 * MINUTE],
  ['month', 30 * 24 * 60 * MINUTE],
  ['day', 24 * 60 * MINUTE],
  ['hour', 60 * MINUTE],
  ['minute', MINUTE],
]
const DAY_MS = 24 * 60 * MINUTE

export type Formats = ReturnType<typeof formatsOf>

export function useFormats(): Formats {
  const { i18n } = useTranslation()
  return useMemo(() => formatsOf(i18n.language), [i18n.language])
}

/** Return how numbers and moments are written in a language. Pure, but for the time zone. */
export function formatsOf(language: string) {
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  const decimal = (digits: number) => new Intl.NumberFormat(language, digitsOf(digits))
  return {
    number: (value: number) => decimal(0).format(value),
    /** 12,345,678 as 12.3M. */
    compact: (value: number) =>
      new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 }).format(
        value,
      ),
    /** Of an axis: three digits that say something. */
    figure: (value: number) =>
      new Intl.NumberFormat(language, { maximumSignificantDigits: 3 }).format(value),
    percent: (share: number) =>
      new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }).format(share),
    money: (value: number, currency: string) => money(language, value, currency),
    date: (at: number) => new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(at),
    moment: (at: number) =>
      new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(at),
    /** "3 minutes ago", "in 7 days". */
    ago: (at: number, now: number) => {
      const step = STEPS.find(([, ms]) => Math.abs(at - now) >= ms)
      return step
        ? relative.format(Math.round((at - now) / step[1]), step[0])
        : relative.format(0, 'second')
    },
    /** A span of time at a glance: 840 ms, 12.4 s, 3.1 min, 2 d. */
    span: (ms: number) => {
      if (ms < 10) return `${decimal(1).format(ms)} ms`
      if (ms < 1_000) return `${decimal(0).format(ms)} ms`
      if (ms < MINUTE) return `${decimal(1).format(ms / 1_000)} s`
      if (ms < 60 * MINUTE) return `${decimal(1).format(ms / MINUTE)} min`
      if (ms < 2 * DAY_MS) return `${decimal(1).format(ms / 60 / MINUTE)} h`
      return `${decimal(1).format(ms / DAY_MS)} d`
    },
  }
}

function digitsOf(digits: number): Intl.NumberFormatOptions {
  return { maximumFractionDigits: digits }
}

/** Small amounts keep two digits that say something: a reply costs fractions of a cent. */
function money(language: string, value: number, currency: string): string {
  const small = value !== 0 && Math.abs(value) < 0.1
  const digits: Intl.NumberFormatOptions = small
    ? { minimumFractionDigits: 2, maximumSignificantDigits: 2 }
    : { minimumFractionDigits: 2, maximumFractionDigits: 2 }
  try {
    return new Intl.NumberFormat(language, { style: 'currency', currency, ...digits }).format(value)
  } catch {
    // What the prices are in need not be one of the world's currencies.
    return `${new Intl.NumberFormat(language, digits).format(value)} ${currency}`.trim()
  }
}
