import { ArrowUpIcon, SquareIcon } from 'lucide-react'
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { Button } from '@/components/ui/button'
import { Spinner } from '@/components/ui/spinner'
import { Tooltip } from '@/components/ui/tooltip'
import { IS_MAC, useShortcut } from '@/features/shortcuts/shortcut-actions'
import { keysText } from '@/features/shortcuts/shortcuts'

import { keepDraft, readDraft } from './drafts'
import { isSendKey, isTouch } from './send-key'

interface ComposerProps {
  /** Whose draft it is. A composer lives as long as its conversation: give it a key. */
  draftId: string
  send: (text: string) => Promise<unknown>
  sending: boolean
  /** Given while a reply is being written: stops it. */
  stop: (() => void) | undefined
  disabled: boolean
  tools: ReactNode
}

export function Composer({ draftId, send, sending, stop, disabled, tools }: ComposerProps) {
  const { t } = useTranslation('chat')
  const [text, setText] = useState(() => readDraft(draftId))
  const area = useRef<HTMLTextAreaElement>(null)
  // On a phone the keyboard would cover half of what there is to read.
  const writeOn = () => {
    if (!isTouch()) area.current?.focus()
  }
  useEffect(writeOn, [])
  useShortcut('focusComposer', () => area.current?.focus())
  useShortcut('stop', stop)
  const write = (now: string) => {
    setText(now)
    keepDraft(draftId, now)
  }
  const ready = text.trim() !== '' && !sending && !disabled && stop === undefined
  const submit = () => {
    if (!ready) return
    // The draft goes once the prompt is accepted; if it is not, nothing is lost.
    void send(text).then(
      () => write(''),
      () => undefined,
    )
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (!isSendKey(event)) return
    event.preventDefault()
    submit()
  }
  return (
    <form
      className="rounded-3xl border border-input bg-card shadow-sm transition-shadow focus-within:border-ring focus-within:shadow-md"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <textarea
        ref={area}
        rows={1}
        dir="auto"
        enterKeyHint={isTouch() ? 'enter' : 'send'}
        aria-label={t('message')}
        placeholder={t('placeholder')}
        className="field-sizing-content block max-h-[40dvh] min-h-13 w-full resize-none bg-transparent px-5 pt-4 pb-1 text-base leading-6 outline-none placeholder:text-muted-foreground"
        value={text}
        onChange={(event) => write(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="flex items-center justify-between gap-2 px-3 pb-3">
        <div className="flex min-w-0 items-center">{tools}</div>
        {stop ? (
          <Tooltip label={t('stop')} keys={keysText('stop', IS_MAC)}>
            <Button
              size="icon"
              className="rounded-full"
              aria-label={t('stop')}
              onClick={() => {
                stop()
                // The button goes once the answer has ended.
                writeOn()
              }}
            >
              <SquareIcon className="size-3.5 fill-current" />
            </Button>
          </Tooltip>
        ) : (
          <Tooltip label={t('send')}>
            <Button
              type="submit"
              size="icon"
              className="rounded-full"
              aria-label={t('send')}
              disabled={!ready}
            >
              {sending ? <Spinner /> : <ArrowUpIcon className="size-5" />}
            </Button>
          </Tooltip>
        )}
      </div>
    </form>
  )
}
