import { ArchiveIcon, MessageSquareIcon } from 'lucide-react'
import { useEffect, useRef, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { cn } from '@/components/class-names'
import { useFormats } from '@/i18n/formats'

import { Highlighted } from './highlighted'
import type { FoundConversation, SearchOption } from './search-options'

interface SearchHitProps {
  list: string
  found: FoundConversation
  phrases: readonly string[]
  current: string | undefined
  open: (path: string) => void
}

/** A conversation that was found, and under it its messages. */
export function SearchHitView({ list, found, phrases, current, open }: SearchHitProps) {
  const { t } = useTranslation('conversations')
  const formats = useFormats()
  const { conversation } = found.hit
  const Icon = conversation.archived ? ArchiveIcon : MessageSquareIcon
  const option = (option: SearchOption) => ({
    list,
    option,
    active: option.key === current,
    open,
  })
  return (
    <div role="group" aria-label={conversation.title || t('untitled')} className="mb-1">
      <Option {...option(found.title)} className="flex items-center gap-3">
        <Icon aria-hidden className="size-4 shrink-0 text-muted-foreground" />
        <span dir="auto" className="min-w-0 flex-1 truncate text-sm font-medium">
          <Highlighted text={conversation.title || t('untitled')} phrases={phrases} />
        </span>
        <span className="shrink-0 text-xs text-muted-foreground">
          {formats.date(conversation.updated_at_ms)}
        </span>
      </Option>
      {found.messages.map((each) => (
        <Option key={each.key} {...option(each)} className="ml-7 border-l">
          <span className="mb-0.5 block text-xs text-muted-foreground">
            {t(`search.${each.message.role}`)}
          </span>
          <span dir="auto" className="line-clamp-2 text-sm wrap-anywhere">
            <Highlighted text={each.message.excerpt} phrases={phrases} />
          </span>
        </Option>
      ))}
    </div>
  )
}

interface OptionProps {
  list: string
  option: SearchOption
  active: boolean
  open: (path: string) => void
  className: string
  children: ReactNode
}

function Option({ list, option, active, open, className, children }: OptionProps) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (active) box.current?.scrollIntoView({ block: 'nearest' })
  }, [active])
  return (
    <div
      ref={box}
      id={`${list}-${option.key}`}
      role="option"
      aria-selected={active}
      className={cn(
        'cursor-pointer rounded-lg px-3 py-2 hover:bg-accent/60',
        active && 'bg-accent hover:bg-accent',
        className,
      )}
      onClick={() => open(option.path)}
    >
      {children}
    </div>
  )
}
