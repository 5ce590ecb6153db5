import { expect, it } from 'vitest'

import { fileNameOf } from './file-name'

it('prefers the name with all of its characters', () => {
  const header = `attachment; filename="Wetter.md"; filename*=UTF-8''W%C3%A4rme.md`
  expect(fileNameOf(header)).toBe('Wärme.md')
  expect(fileNameOf(`attachment; filename="a.json"; filename*=UTF-8''%E0%A4%A`)).toBe('a.json')
})

it('is without a name where the header has none', () => {
  expect(fileNameOf('attachment')).toBeUndefined()
  expect(fileNameOf(null)).toBeUndefined()
})
