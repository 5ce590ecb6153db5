import { useMutation, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { api, dataOf } from '@/api/client'
import type { Conversation } from '@/api/types'
import { ErrorNote } from '@/components/error-note'

import { Composer } from './composer'
import { NEW_DRAFT } from './drafts'
import type { ShownMessage } from './message-tree'
import { ModelPicker } from './model-picker'
import { modelList, useChosenModel } from './models'
import { useSendPrompt } from './use-send-prompt'

interface ChatFooterProps {
  /** Absent: what is sent begins one. */
  conversation?: Conversation
  branch?: readonly ShownMessage[]
}

export function ChatFooter({ conversation, branch = [] }: ChatFooterProps) {
  const { t } = useTranslation('chat')
  const { data: models } = useQuery(modelList)
  const { chosen, choose } = useChosenModel()
  const sending = useSendPrompt()
  const stopping = useStopReply()
  const known = (id: string | undefined) => models?.find((model) => model.id === id)?.id
  const model = known(chosen) ?? known(conversation?.model) ?? models?.[0]?.id
  const last = branch.at(-1)?.message
  const runs = last?.status === 'pending' ? last.reply_id : null
  const send = (content: string) =>
    sending.mutateAsync({
      content,
      model: model ?? '',
      conversationId: conversation?.conversation_id,
      parentId: last?.message_id ?? null,
    })
  return (
    <div className="grid gap-2">
      {sending.isError && <ErrorNote error={sending.error} />}
      {stopping.isError && <ErrorNote error={stopping.error} />}
      <Composer
        key={conversation?.conversation_id ?? NEW_DRAFT}
        draftId={conversation?.conversation_id ?? NEW_DRAFT}
        send={send}
        sending={sending.isPending}
        stop={runs ? () => stopping.mutate(runs) : undefined}
        disabled={model === undefined}
        tools={<ModelPicker model={model} choose={choose} />}
      />
      <p className="px-2 pb-2.5 text-center text-xs text-muted-foreground">{t('mistakes')}</p>
    </div>
  )
}

function useStopReply() {
  return useMutation({
    mutationFn: (replyId: string) =>
      dataOf(
        api.POST('/api/replies/{reply_id}/cancel', { params: { path: { reply_id: replyId } } }),
      ),
  })
}
