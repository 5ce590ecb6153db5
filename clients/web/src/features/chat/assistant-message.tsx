import { RotateCcwIcon } from 'lucide-react'
import { memo, useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { Message } from '@/api/types'
import { CopyButton } from '@/components/copy-button'
import { Button } from '@/components/ui/button'
import { FeedbackButtons } from '@/features/feedback/feedback-buttons'
import { Markdown } from '@/markdown/markdown'
import { useReply } from '@/streaming/use-reply'

import { goOnWriting } from './go-on-writing'
import { ReplyStatus } from './reply-status'
import { SiblingSwitcher, type SiblingProps } from './sibling-switcher'
import { SpokenReply } from './spoken-reply'

interface AssistantMessageProps extends SiblingProps {
  message: Message
  retry: (message: Message) => void
  /** The conversation in which it can be rated. */
  ratedIn: string | undefined
}

export const AssistantMessage = memo(function AssistantMessage({
  message,
  retry,
  ratedIn,
  ...siblings
}: AssistantMessageProps) {
  const { t } = useTranslation('chat')
  const pending = message.status === 'pending'
  const [heard] = useState(pending)
  const followed = useReply(pending ? (message.reply_id ?? undefined) : undefined)
  const text = pending ? (followed?.view.text ?? message.content) : message.content
  return (
    <article aria-label={t('answer')} className="group/message">
      <OmittedNote count={message.omitted_messages} />
      {/* The same element when it has ended, so that nothing of it is made anew. */}
      <Markdown text={text} growing={pending} />
      {pending && <ReplyStatus reply={followed} model={message.model} />}
      {heard && <SpokenReply text={text} ended={!pending} />}
      <Outcome message={message} />
      {!pending && (
        <div className="mt-1.5 -ml-2 flex items-center text-muted-foreground">
          <SiblingSwitcher {...siblings} />
          <CopyButton text={text} />
          {ratedIn !== undefined && <FeedbackButtons conversationId={ratedIn} message={message} />}
          <Button
            size="icon-sm"
            variant="ghost"
            aria-label={t('retry')}
            title={t('retry')}
            onClick={() => {
              retry(message)
              // This answer, and the button with it, makes room for the new one.
              goOnWriting()
            }}
          >
            <RotateCcwIcon />
          </Button>
        </div>
      )}
    </article>
  )
})

/** Says what of the conversation the model did not see. */
function OmittedNote({ count }: { count: number }) {
  const { t } = useTranslation('chat')
  if (count === 0) return null
  return <p className="mb-3 text-sm text-muted-foreground">{t('omitted', { count })}</p>
}

/** How the reply ended, where that was not simply its end. */
function Outcome({ message }: { message: Message }) {
  const { t, i18n } = useTranslation(['chat', 'errors'])
  if (message.status === 'cancelled') {
    return <p className="mt-2 text-sm text-muted-foreground">{t('cancelled')}</p>
  }
  if (message.status === 'failed') {
    const code = message.error?.['code'] ?? ''
    const known = i18n.exists(`errors:${code}`)
    return (
      <p role="alert" className="mt-2 text-sm text-destructive">
        {known
          ? t(`errors:${code}` as 'errors:unreachable')
          : (message.error?.['message'] ?? t('failed'))}
      </p>
    )
  }
  if (message.finish_reason === 'length') {
    return <p className="mt-2 text-sm text-muted-foreground">{t('tooLong')}</p>
  }
  return null
}
