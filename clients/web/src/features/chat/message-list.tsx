import { ArrowDownIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { Button } from '@/components/ui/button'

import { useStickToBottom } from './use-stick-to-bottom'

/** The scrolling middle of a conversation. `footer` stands still below it. */
export function MessageList({ children, footer }: { children: ReactNode; footer: ReactNode }) {
  const { t } = useTranslation('chat')
  const { scroller, content, atBottom, toBottom } = useStickToBottom()
  return (
    <>
      <div
        ref={scroller}
        data-scroller
        className="min-h-0 flex-1 overflow-y-auto overscroll-contain [scrollbar-gutter:stable]"
      >
        <div
          ref={content}
          role="log"
          aria-live="off"
          aria-label={t('conversation')}
          className="mx-auto grid w-full max-w-3xl gap-7 px-4 pt-6 pb-10"
        >
          {children}
        </div>
      </div>
      <div className="relative mx-auto w-full max-w-3xl px-4">
        {!atBottom && (
          <Button
            variant="outline"
            size="icon"
            aria-label={t('toBottom')}
            className="absolute -top-12 left-1/2 -translate-x-1/2 rounded-full bg-card shadow-md"
            onClick={() => toBottom('smooth')}
          >
            <ArrowDownIcon />
          </Button>
        )}
        {footer}
      </div>
    </>
  )
}
