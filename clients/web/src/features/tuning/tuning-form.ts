/** What somebody writes about how the model answers, and the parameters that it stands for. Pure. */

import type { SamplingFields } from '@/api/types'

/** How a conversation differs from the model's defaults. */
export interface Tuning {
  readonly system: string
  readonly params: SamplingFields
}

export const UNTUNED: Tuning = { system: '', params: {} }
export const LONGEST_SYSTEM = 32_000
const MOST_STOPS = 16

/** The numbers that can be set; empty means the model's default. */
export const NUMBERS = {
  temperature: { min: 0, max: 2, step: 0.1 },
  top_p: { min: 0, max: 1, step: 0.05, above: true },
  max_tokens: { min: 1, max: 2 ** 31 - 1, step: 1, whole: true },
  seed: { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER, step: 1, whole: true },
  top_k: { min: -1, max: 2 ** 31 - 1, step: 1, whole: true },
  min_p: { min: 0, max: 1, step: 0.05 },
  presence_penalty: { min: -2, max: 2, step: 0.1 },
  frequency_penalty: { min: -2, max: 2, step: 0.1 },
  repetition_penalty: { min: 0, max: 2, step: 0.1, above: true },
} as const satisfies Record<string, NumberRule>

export type NumberName = keyof typeof NUMBERS
export const NUMBER_NAMES = Object.keys(NUMBERS) as NumberName[]

export interface NumberRule {
  readonly min: number
  readonly max: number
  readonly step: number
  readonly whole?: boolean
  /** The smallest value itself is too small. */
  readonly above?: boolean
}

export type TuningForm = Record<NumberName | 'system' | 'stop', string>
export type FieldError = 'notNumber' | 'notWhole' | 'range' | 'tooMany' | 'tooLong'
export type FormErrors = Partial<Record<keyof TuningForm, FieldError>>

export function formOf({ system, params }: Tuning): TuningForm {
  const numbers = NUMBER_NAMES.map((name) => [name, params[name]?.toString() ?? ''] as const)
  const { stop } = params
  const stops = typeof stop === 'string' ? [stop] : (stop ?? [])
  return {
    ...(Object.fromEntries(numbers) as Record<NumberName, string>),
    system,
    stop: stops.map(escaped).join('\n'),
  }
}

export function errorsOf(form: TuningForm): FormErrors {
  const errors: FormErrors = {}
  for (const name of NUMBER_NAMES) {
    const error = numberError(form[name], NUMBERS[name])
    if (error) errors[name] = error
  }
  if (stopsOf(form.stop).length > MOST_STOPS) errors.stop = 'tooMany'
  if (Array.from(form.system).length > LONGEST_SYSTEM) errors.system = 'tooLong'
  return errors
}

/** Return what the form says; parameters that it does not show stay as they were. */
export function tuningOf(form: TuningForm, before: Tuning): Tuning {
  const shown = new Set<string>([...NUMBER_NAMES, 'stop'])
  const kept = Object.entries(before.params).filter(([name, value]) => {
    return !shown.has(name) && value !== null
  })
  const numbers = NUMBER_NAMES.filter((name) => form[name].trim() !== '').map(
    (name) => [name, numberOf(form[name])] as const,
  )
  const stop = stopsOf(form.stop)
  return {
    system: form.system.trim() === '' ? '' : form.system,
    params: { ...Object.fromEntries([...kept, ...numbers]), ...(stop.length > 0 ? { stop } : {}) },
  }
}

export function isTuned({ system, params }: Tuning): boolean {
  return system !== '' || Object.values(params).some((value) => value != null)
}

function numberError(text: string, rule: NumberRule): FieldError | undefined {
  if (text.trim() === '') return undefined
  const value = numberOf(text)
  if (!Number.isFinite(value)) return 'notNumber'
  if (rule.whole && !Number.isInteger(value)) return 'notWhole'
  const tooSmall = rule.above ? value <= rule.min : value < rule.min
  return tooSmall || value > rule.max ? 'range' : undefined
}

/** A comma is a decimal point in many languages. */
function numberOf(text: string): number {
  return Number(text.trim().replace(',', '.'))
}

/** One a line; a line break in one is written `\n`. */
function stopsOf(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/\\([nt\\])/g, (_, mark: string) => UNESCAPED[mark] ?? mark))
}

const UNESCAPED: Record<string, string> = { n: '\n', t: '\t', '\\': '\\' }

function escaped(stop: string): string {
  return stop.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t')
}
