/** Deletes a conversation some seconds later, so that it can be taken back: deletion is for good. */

import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation, useNavigate } from 'react-router'

import type { ConversationSummary } from '@/api/types'
import { toast } from '@/components/ui/toaster'

import { changeListed, conversationKeys } from './conversation-queries'
import { beginDeletion, endDeletion, overdueDeletions, sendDeletions } from './pending-deletions'
import { useDeleteConversation } from './use-conversation-changes'

/** Those of this tab. */
const waiting = new Set<string>()

export function useDeleteWithUndo(): (conversation: ConversationSummary) => void {
  const { t } = useTranslation('conversations')
  const client = useQueryClient()
  const remove = useDeleteConversation()
  const navigate = useNavigate()
  const { pathname } = useLocation()
  return ({ conversation_id: id }) => {
    beginDeletion(id)
    waiting.add(id)
    changeListed(client, id, () => undefined)
    const opened = pathname === `/c/${id}`
    if (opened) void navigate('/')
    toast(t('deleted'), {
      action: {
        label: t('undo'),
        run: () => {
          waiting.delete(id)
          endDeletion(id)
          void client.invalidateQueries({ queryKey: conversationKeys.lists })
          if (opened) void navigate(`/c/${id}`)
        },
      },
      gone: () => {
        waiting.delete(id)
        remove.mutate(id)
      },
    })
  }
}

/** Sees to it that deletions are done although their page was left. */
export function usePendingDeletions(): void {
  const { mutate } = useDeleteConversation()
  useEffect(() => {
    for (const id of overdueDeletions()) mutate(id)
    const leave = () => sendDeletions(waiting)
    window.addEventListener('pagehide', leave)
    return () => window.removeEventListener('pagehide', leave)
  }, [mutate])
}
