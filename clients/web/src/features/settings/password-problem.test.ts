import { expect, it } from 'vitest'

import { passwordProblem } from './password-problem'

it('names the first field that has to change', () => {
  const good = { old: 'correct horse', wanted: 'battery staple', again: 'battery staple' }
  expect(passwordProblem(good)).toBeUndefined()
  expect(passwordProblem({ ...good, old: '' })).toEqual({ field: 'old', reason: 'missing' })
  expect(passwordProblem({ ...good, again: 'x' })).toEqual({ field: 'again', reason: 'different' })
  expect(passwordProblem({ ...good, wanted: good.old })?.reason).toBe('same')
})

it('counts characters as the server does', () => {
  const emoji = (count: number) => '🌊'.repeat(count)
  const form = (wanted: string) => ({ old: 'old', wanted, again: wanted })
  expect(passwordProblem(form(emoji(7)))?.reason).toBe('tooShort')
  expect(passwordProblem(form(emoji(8)))).toBeUndefined()
  expect(passwordProblem(form(emoji(256)))).toBeUndefined()
  expect(passwordProblem(form(emoji(257)))?.reason).toBe('tooLong')
})
