/** Branches that were chosen here, until the server knows it: what it says before is older. */

import type { OpenedConversation } from '@/api/types'
import { branchThrough } from '@/features/chat/message-tree'

const chosen = new Map<string, string>()

/** Show the branch through a message in whatever is read, until `known` has settled. */
export async function holdBranch(
  id: string,
  messageId: string,
  known: Promise<unknown>,
): Promise<void> {
  chosen.set(id, messageId)
  try {
    await known
  } catch {
    // Whoever asks the server also says that it failed; then its branch is shown again.
  } finally {
    if (chosen.get(id) === messageId) chosen.delete(id)
  }
}

/** Return the conversation with the branch that was chosen here, if there is one. */
export function withChosenBranch(opened: OpenedConversation): OpenedConversation {
  const messageId = chosen.get(opened.conversation.conversation_id)
  if (messageId === undefined) return opened
  return { ...opened, branch: branchThrough(opened.messages, messageId) }
}
