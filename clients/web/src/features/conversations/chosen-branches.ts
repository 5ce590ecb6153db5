/** Branches that were chosen here, until the server knows it: what it says before is older. */

import type { OpenedConversation } from '@/api/types'
import { branchThrough } from '@/features/chat/message-tree'

interface Choice {
  readonly messageId: string
}

const chosen = new Map<string, Choice>()

/** Show the branch through a message in whatever is read, until `known` has settled. */
export async function holdBranch(
  id: string,
  messageId: string,
  known: Promise<unknown>,
): Promise<void> {
  const choice = { messageId }
  chosen.set(id, choice)
  try {
    await known
  } catch {
    // Whoever asks the server also says that it failed; then its branch is shown again.
  } finally {
    if (chosen.get(id) === choice) chosen.delete(id)
  }
}

/** Hold no branch any more: somebody goes on in another. */
export function releaseBranch(id: string): void {
  chosen.delete(id)
}

/** Return the conversation with the branch that was chosen here, if there is one. */
export function withChosenBranch(opened: OpenedConversation): OpenedConversation {
  const messageId = chosen.get(opened.conversation.conversation_id)?.messageId
  // What was said just before may not be in what was read.
  if (!opened.messages.some(({ message_id }) => message_id === messageId)) return opened
  return { ...opened, branch: branchThrough(opened.messages, messageId ?? '') }
}
