import { PencilIcon } from 'lucide-react'
import { memo, useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { Message } from '@/api/types'
import { CopyButton } from '@/components/copy-button'
import { Button } from '@/components/ui/button'

import { goOnWriting } from './go-on-writing'
import { isSendKey } from './send-key'
import { SiblingSwitcher, type SiblingProps } from './sibling-switcher'

interface UserMessageProps extends SiblingProps {
  message: Message
  /** Sends another version of it. */
  resend: (message: Message, content: string) => void
}

export const UserMessage = memo(function UserMessage({
  message,
  resend,
  ...siblings
}: UserMessageProps) {
  const { t } = useTranslation('chat')
  const [editing, setEditing] = useState(false)
  // Whoever gives up goes on from where editing began.
  const [given, setGiven] = useState(false)
  if (editing) {
    return (
      <EditForm
        content={message.content}
        cancel={() => {
          setGiven(true)
          setEditing(false)
        }}
        send={(content) => {
          setEditing(false)
          resend(message, content)
          goOnWriting()
        }}
      />
    )
  }
  return (
    <article aria-label={t('question')} className="group/message grid justify-items-end">
      <div
        dir="auto"
        className="max-w-[85%] rounded-3xl bg-bubble px-5 py-2.5 leading-relaxed wrap-anywhere whitespace-pre-wrap"
      >
        {message.content}
      </div>
      <div className="mt-1 flex items-center text-muted-foreground">
        <SiblingSwitcher {...siblings} />
        <div className="flex opacity-0 transition-opacity group-focus-within/message:opacity-100 group-hover/message:opacity-100 pointer-coarse:opacity-100">
          <CopyButton text={message.content} />
          <Button
            autoFocus={given}
            size="icon-sm"
            variant="ghost"
            aria-label={t('edit')}
            title={t('edit')}
            onClick={() => {
              setGiven(false)
              setEditing(true)
            }}
          >
            <PencilIcon />
          </Button>
        </div>
      </div>
    </article>
  )
})

interface EditFormProps {
  content: string
  cancel: () => void
  send: (content: string) => void
}

function EditForm({ content, cancel, send }: EditFormProps) {
  const { t } = useTranslation('chat')
  const [text, setText] = useState(content)
  const ready = text.trim() !== ''
  const submit = () => {
    if (ready) send(text)
  }
  return (
    <form
      className="rounded-3xl border border-input bg-card p-3 focus-within:border-ring"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') cancel()
      }}
    >
      <textarea
        autoFocus
        dir="auto"
        aria-label={t('edit')}
        className="field-sizing-content block max-h-[50dvh] w-full resize-none bg-transparent px-2 py-1 leading-relaxed outline-none"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (!isSendKey(event)) return
          event.preventDefault()
          submit()
        }}
      />
      <div className="mt-2 flex justify-end gap-2">
        <Button variant="ghost" size="sm" onClick={cancel}>
          {t('cancel')}
        </Button>
        <Button type="submit" size="sm" disabled={!ready}>
          {t('send')}
        </Button>
      </div>
    </form>
  )
}
