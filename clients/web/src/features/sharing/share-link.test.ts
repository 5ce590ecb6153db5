import { expect, test } from 'vitest'

import { shareLink } from './share-link'

test('the link leads to the page, not to the call', () => {
  expect(shareLink('/api/shared/abc', 'https://chat.example')).toBe('https://chat.example/s/abc')
})
