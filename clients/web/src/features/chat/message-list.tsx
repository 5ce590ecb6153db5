import { ArrowDownIcon } from 'lucide-react'
import { Children, useEffect, useRef, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Virtualizer, type VirtualizerHandle } from 'virtua'

import { Button } from '@/components/ui/button'

import { useStickToBottom } from './use-stick-to-bottom'

interface MessageListProps {
  /** One element a message. Only those near the reader are in the page. */
  children: ReactNode
  /** The message that the reader came for, and which coming it is. */
  found: { index: number | undefined; visit: string }
  /** Stands still below. */
  footer: ReactNode
}

/** The scrolling middle of a conversation. */
export function MessageList({ children, found, footer }: MessageListProps) {
  const { t } = useTranslation('chat')
  const list = useRef<VirtualizerHandle>(null)
  const { scroller, content, atBottom, toBottom, leave } = useStickToBottom()
  useEffect(() => {
    if (found.index === undefined) return
    leave()
    list.current?.scrollToIndex(found.index, { align: 'center' })
  }, [found.index, found.visit, leave])
  const last = Children.count(children) - 1
  return (
    <>
      <div
        ref={scroller}
        // Whoever clicks on the text scrolls it by key from then on.
        tabIndex={-1}
        className="min-h-0 flex-1 overflow-y-auto bg-background overscroll-contain pt-6 outline-none [scrollbar-gutter:stable]"
      >
        <div
          ref={content}
          role="log"
          aria-live="off"
          aria-label={t('conversation')}
          className="mx-auto w-full max-w-3xl px-4 pb-6"
        >
          <Virtualizer
            ref={list}
            scrollRef={scroller}
            startMargin={24}
            bufferSize={500}
            keepMounted={last < 0 ? [] : [last]}
          >
            {children}
          </Virtualizer>
        </div>
      </div>
      <div className="relative">
        {!atBottom && (
          <Button
            variant="outline"
            size="icon"
            aria-label={t('toBottom')}
            className="absolute -top-12 left-1/2 z-10 -translate-x-1/2 rounded-full bg-card shadow-md"
            onClick={toBottom}
          >
            <ArrowDownIcon />
          </Button>
        )}
        {/* The same gutter, so that the composer stands under the text. */}
        <div className="overflow-y-hidden [scrollbar-gutter:stable]">
          <div className="mx-auto w-full max-w-3xl px-4">{footer}</div>
        </div>
      </div>
    </>
  )
}
