import { useTranslation } from 'react-i18next'

import { copyText } from '@/components/copy-text'
import { toast } from '@/components/ui/toaster'
import { useShortcut } from '@/features/shortcuts/shortcut-actions'

import type { ShownMessage } from './message-tree'

/** The shortcut that copies the last answer which is whole. */
export function useCopyAnswer(branch: readonly ShownMessage[]): void {
  const { t } = useTranslation('shortcuts')
  const last = branch.findLast(
    ({ message }) => message.role === 'assistant' && message.status !== 'pending',
  )
  const copy = async (text: string) => {
    if (await copyText(text)) toast(t('copied'))
  }
  useShortcut('copyAnswer', last && (() => void copy(last.message.content)))
}
