import { expect, it } from 'vitest'

import { safeUrl } from './safe-url'

it.each([
  'javascript:alert(1)',
  ' JaVaScRiPt:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  '/api/me',
  '//elsewhere',
  'relative',
  '',
  'blob:https://x/1',
  'file:///etc/passwd',
])('makes no link of %j', (address) => expect(safeUrl(address)).toBeUndefined())

it.each(['https://example.org/a?b#c', 'http://example.org/', 'mailto:ada@example.org'])(
  'makes a link of %s',
  (address) => expect(safeUrl(address)).toBe(address),
)
