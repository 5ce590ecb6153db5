/** Sorts conversations under the days on which something was last said. Pure. */

import type { ConversationSummary } from '@/api/types'

export type DateGroup = 'pinned' | 'today' | 'yesterday' | 'week' | 'month' | 'older'

const ORDER: readonly DateGroup[] = ['pinned', 'today', 'yesterday', 'week', 'month', 'older']

/** Return the groups that hold something, in the order in which they are shown. */
export function groupedByDate(
  conversations: readonly ConversationSummary[],
  now: Date,
): { group: DateGroup; conversations: ConversationSummary[] }[] {
  const groups = new Map<DateGroup, ConversationSummary[]>()
  for (const conversation of conversations) {
    const group = conversation.pinned ? 'pinned' : groupOf(conversation.updated_at_ms, now)
    groups.set(group, [...(groups.get(group) ?? []), conversation])
  }
  return ORDER.flatMap((group) => {
    const found = groups.get(group)
    return found ? [{ group, conversations: found }] : []
  })
}

function groupOf(at: number, now: Date): DateGroup {
  if (at >= midnight(now, 0)) return 'today'
  if (at >= midnight(now, 1)) return 'yesterday'
  if (at >= midnight(now, 7)) return 'week'
  if (at >= midnight(now, 30)) return 'month'
  return 'older'
}

/** The calendar's days, not spans of 24 hours: some days have 23 or 25. */
function midnight(now: Date, daysAgo: number): number {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysAgo).getTime()
}
