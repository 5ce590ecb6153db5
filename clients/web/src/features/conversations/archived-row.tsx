import { ArchiveRestoreIcon, Trash2Icon } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'

import type { ConversationSummary } from '@/api/types'
import { Button } from '@/components/ui/button'
import { useFormats } from '@/i18n/formats'

import { useChangeConversation } from './use-conversation-changes'
import { useDeleteWithUndo } from './use-delete-with-undo'

export function ArchivedRow({ conversation }: { conversation: ConversationSummary }) {
  const { t } = useTranslation('conversations')
  const formats = useFormats()
  const change = useChangeConversation()
  const remove = useDeleteWithUndo()
  const { conversation_id: id } = conversation
  const title = conversation.title || t('untitled')
  return (
    <li className="flex items-center gap-1 py-2 pr-2 pl-4">
      <div className="min-w-0 flex-1 py-1">
        <Link
          to={`/c/${id}`}
          dir="auto"
          className="block truncate rounded text-sm font-medium outline-none hover:underline focus-visible:ring-2 focus-visible:ring-ring"
        >
          {title}
        </Link>
        <p className="truncate text-sm text-muted-foreground">
          {formats.date(conversation.updated_at_ms)} · {conversation.model}
        </p>
      </div>
      <Button
        variant="ghost"
        size="sm"
        aria-label={t('archived.unarchiveOf', { title })}
        onClick={() => change.mutate({ id, change: { archived: false } })}
      >
        <ArchiveRestoreIcon />
        <span className="hidden sm:inline">{t('archived.unarchive')}</span>
      </Button>
      <Button
        variant="ghost"
        size="icon-sm"
        className="text-muted-foreground hover:text-destructive"
        aria-label={t('archived.deleteOf', { title })}
        title={t('delete')}
        onClick={() => remove(conversation)}
      >
        <Trash2Icon />
      </Button>
    </li>
  )
}
