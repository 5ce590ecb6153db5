/** Finds people by parts of their names and addresses. Pure. */

import type { User } from '@/api/types'

export function matchingUsers(users: readonly User[], words: string): User[] {
  const wanted = folded(words).split(/\s+/).filter(Boolean)
  return users.filter(({ name, email }) => {
    const text = folded(`${name} ${email}`)
    return wanted.every((word) => text.includes(word))
  })
}

/** Without case and accents. */
function folded(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
}
