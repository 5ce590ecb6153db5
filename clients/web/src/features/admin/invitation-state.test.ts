import { expect, it } from 'vitest'

import { invitationLink, invitationState } from './invitation-state'

it('tells used, expired and open ones apart', () => {
  expect(invitationState({ used_by: 'u1', expires_at_ms: 5 }, 9)).toBe('used')
  expect(invitationState({ used_by: null, expires_at_ms: 9 }, 9)).toBe('expired')
  expect(invitationState({ used_by: null, expires_at_ms: 10 }, 9)).toBe('open')
})

it('puts the code into an address', () => {
  expect(invitationLink('a b&c', 'https://chat.example')).toBe(
    'https://chat.example/register?code=a%20b%26c',
  )
})
