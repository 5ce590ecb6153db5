import { BracesIcon, FileTextIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'

import type { ConversationSummary } from '@/api/types'
import { useErrorSentence } from '@/api/use-error-sentence'
import { download } from '@/components/download'
import { DropdownMenuItem, DropdownMenuSeparator } from '@/components/ui/dropdown-menu'
import { toast } from '@/components/ui/toaster'

/** The ways in which one conversation can be taken along. */
export function ExportItems({ conversation }: { conversation: ConversationSummary }) {
  const { t } = useTranslation('conversations')
  const sentence = useErrorSentence()
  const save = (format: 'json' | 'markdown', suffix: string) => {
    const path = `/api/conversations/${encodeURIComponent(conversation.conversation_id)}/export`
    download(`${path}?format=${format}`, `conversation.${suffix}`).catch((cause: unknown) =>
      toast(sentence(cause), { tone: 'error' }),
    )
  }
  return (
    <>
      <DropdownMenuSeparator />
      <DropdownMenuItem onSelect={() => save('markdown', 'md')}>
        <FileTextIcon />
        {t('exportMarkdown')}
      </DropdownMenuItem>
      <DropdownMenuItem onSelect={() => save('json', 'json')}>
        <BracesIcon />
        {t('exportJson')}
      </DropdownMenuItem>
    </>
  )
}
