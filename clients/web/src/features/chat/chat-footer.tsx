import { useMutation, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { api, dataOf } from '@/api/client'
import type { Conversation } from '@/api/types'
import { ErrorNote } from '@/components/error-note'
import { TuningButton } from '@/features/tuning/tuning-button'
import { tuningOfConversation, useNewTuning } from '@/features/tuning/use-tuning'
import { useOnline } from '@/streaming/use-online'

import { Composer } from './composer'
import { NEW_DRAFT } from './drafts'
import type { ShownMessage } from './message-tree'
import { ModelPicker } from './model-picker'
import { modelList, useChosenModel } from './models'
import { useClearedBySigningIn } from './use-cleared-by-signing-in'
import { useSendPrompt } from './use-send-prompt'

interface ChatFooterProps {
  /** Absent: what is sent begins one. */
  conversation?: Conversation
  branch?: readonly ShownMessage[]
  /** Nobody keeps it. */
  temporary: boolean
}

export function ChatFooter({ conversation, branch = [], temporary }: ChatFooterProps) {
  const { t } = useTranslation('chat')
  const { data: models } = useQuery(modelList)
  const { chosen, choose } = useChosenModel()
  const sending = useSendPrompt()
  const stopping = useStopReply()
  const forNew = useNewTuning(({ tuning }) => tuning)
  const online = useOnline()
  useClearedBySigningIn(sending, stopping)
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
      temporary,
      tuning: conversation ? tuningOfConversation(conversation) : forNew,
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
        tools={
          <>
            <ModelPicker model={model} choose={choose} />
            <TuningButton conversation={conversation} temporary={temporary} />
          </>
        }
      />
      <p className="px-2 pb-2.5 text-center text-xs text-muted-foreground">
        {online ? t('mistakes') : t('offlineDraft')}
      </p>
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
