/** Whether an invitation can still be used. Pure. */

import type { Invitation } from '@/api/types'

export type InvitationState = 'open' | 'used' | 'expired'

export function invitationState(
  { used_by, expires_at_ms }: Pick<Invitation, 'used_by' | 'expires_at_ms'>,
  now: number,
): InvitationState {
  if (used_by !== null) return 'used'
  return expires_at_ms <= now ? 'expired' : 'open'
}

/** Return the address of the page that has the code filled in already. */
export function invitationLink(code: string, origin: string): string {
  return `${origin}/register?code=${encodeURIComponent(code)}`
}
