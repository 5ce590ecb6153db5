/** Deletes a conversation some seconds later, so that it can be taken back: deletion is for good. */

import { useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useLocation, useNavigate } from 'react-router'

import type { ConversationSummary } from '@/api/types'
import { toast } from '@/components/ui/toaster'

import { changeListed, conversationKeys } from './conversation-queries'
import { useDeleteConversation } from './use-conversation-changes'

export function useDeleteWithUndo(): (conversation: ConversationSummary) => void {
  const { t } = useTranslation('conversations')
  const client = useQueryClient()
  const remove = useDeleteConversation()
  const navigate = useNavigate()
  const { pathname } = useLocation()
  return ({ conversation_id: id }) => {
    changeListed(client, id, () => undefined)
    if (pathname === `/c/${id}`) void navigate('/')
    toast(t('deleted'), {
      action: {
        label: t('undo'),
        run: () => void client.invalidateQueries({ queryKey: conversationKeys.lists }),
      },
      gone: () => remove.mutate(id),
    })
  }
}
