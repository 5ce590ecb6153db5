import { expect, it } from 'vitest'

import type { User } from '@/api/types'

import { matchingUsers } from './matching-users'

const people = [
  ['Ada Lovelace', 'ada@example.org'],
  ['René Müller', 'rene@example.org'],
].map(([name = '', email = '']): User => ({
  user_id: email,
  name,
  email,
  role: 'user',
  disabled: false,
  created_at_ms: 0,
}))

it('needs all words, in names or addresses, without case and accents', () => {
  const found = (words: string) => matchingUsers(people, words).map(({ name }) => name)
  expect(found('')).toHaveLength(2)
  expect(found('love ADA')).toEqual(['Ada Lovelace'])
  expect(found('muller rene@')).toEqual(['René Müller'])
  expect(found('ada muller')).toEqual([])
})
