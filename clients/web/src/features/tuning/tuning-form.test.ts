import { describe, expect, test } from 'vitest'

import { errorsOf, formOf, isTuned, tuningOf, UNTUNED, type Tuning } from './tuning-form'

const TUNED: Tuning = {
  system: 'Be short.',
  params: { temperature: 0.5, seed: 7, stop: ['END', 'a\nb', 'c\\n'], logit_bias: { 5: 1 } },
}

describe('a form', () => {
  test('says what it was made of', () => {
    expect(tuningOf(formOf(TUNED), TUNED)).toEqual(TUNED)
    expect(tuningOf(formOf(UNTUNED), UNTUNED)).toEqual(UNTUNED)
  })

  test('takes back what is emptied and keeps what it does not show', () => {
    const emptied = { ...formOf(TUNED), temperature: ' ', stop: '', system: '  ' }
    expect(tuningOf(emptied, TUNED)).toEqual({
      system: '',
      params: { seed: 7, logit_bias: { 5: 1 } },
    })
  })

  test('takes a comma for a decimal point', () => {
    const form = { ...formOf(UNTUNED), temperature: '0,7' }
    expect(errorsOf(form)).toEqual({})
    expect(tuningOf(form, UNTUNED).params.temperature).toBe(0.7)
  })

  test('says what is wrong', () => {
    const wrong = {
      ...formOf(UNTUNED),
      temperature: '2.1',
      top_p: '0',
      max_tokens: '1.5',
      seed: 'x',
      stop: 'a\n'.repeat(17),
      system: 'x'.repeat(32_001),
    }
    expect(errorsOf(wrong)).toEqual({
      temperature: 'range',
      top_p: 'range',
      max_tokens: 'notWhole',
      seed: 'notNumber',
      stop: 'tooMany',
      system: 'tooLong',
    })
  })
})

test('tuned is what differs from the defaults', () => {
  expect(isTuned(UNTUNED)).toBe(false)
  expect(isTuned({ system: '', params: { seed: null } })).toBe(false)
  expect(isTuned({ system: '', params: { temperature: 0 } })).toBe(true)
  expect(isTuned(TUNED)).toBe(true)
})
