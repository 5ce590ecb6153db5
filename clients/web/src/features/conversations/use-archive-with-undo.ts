/** Takes a conversation out of the list; it stays in the archive, from where it can come back. */

import { useTranslation } from 'react-i18next'
import { useLocation, useNavigate } from 'react-router'

import type { ConversationSummary } from '@/api/types'
import { toast } from '@/components/ui/toaster'

import { useChangeConversation } from './use-conversation-changes'

export function useArchiveWithUndo(): (conversation: ConversationSummary) => void {
  const { t } = useTranslation('conversations')
  const { mutate } = useChangeConversation()
  const navigate = useNavigate()
  const { pathname } = useLocation()
  return ({ conversation_id: id }) => {
    mutate({ id, change: { archived: true } })
    if (pathname === `/c/${id}`) void navigate('/')
    toast(t('archivedNow'), {
      action: { label: t('undo'), run: () => mutate({ id, change: { archived: false } }) },
    })
  }
}
