import { expect, it } from 'vitest'

import { ImportKeys } from './import-keys'

const FILE = { name: 'conversations.json', size: 5, lastModified: 1 }

it('keeps the key of a file until it is imported', () => {
  const keys = new ImportKeys()
  const first = keys.keyOf(FILE)
  expect(first).toMatch(/^[0-9a-f]{32}$/)
  expect(keys.keyOf({ ...FILE })).toBe(first)
  expect(keys.keyOf({ ...FILE, lastModified: 2 })).not.toBe(first)
  keys.done(FILE)
  expect(keys.keyOf(FILE)).not.toBe(first)
})
