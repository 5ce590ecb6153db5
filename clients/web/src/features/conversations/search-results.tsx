import { SearchXIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'

import { ErrorNote } from '@/components/error-note'

import { SearchHitView } from './search-hit'
import type { FoundConversation } from './search-options'
import { SearchTips } from './search-tips'

interface SearchResultsProps {
  id: string
  phrases: readonly string[]
  found: readonly FoundConversation[]
  current: string | undefined
  error: unknown
  retry: () => void
  waiting: boolean
  open: (path: string) => void
}

export function SearchResults({ error, retry, waiting, ...props }: SearchResultsProps) {
  const { t } = useTranslation('conversations')
  const { id, phrases, found, current, open } = props
  if (error !== null) {
    return (
      <div className="p-4">
        <ErrorNote error={error} retry={retry} />
      </div>
    )
  }
  if (phrases.length === 0) return <SearchTips />
  return (
    <>
      <p role="status" className="sr-only">
        {waiting ? '' : t('search.found', { count: found.length })}
      </p>
      {found.length > 0 && (
        <div
          id={id}
          role="listbox"
          aria-label={t('search.results')}
          className="min-h-0 overflow-y-auto overscroll-contain p-2"
        >
          {found.map((conversation) => (
            <SearchHitView
              key={conversation.title.key}
              list={id}
              found={conversation}
              phrases={phrases}
              current={current}
              open={open}
            />
          ))}
        </div>
      )}
      {found.length === 0 && !waiting && (
        <div className="grid justify-items-center gap-2 px-6 py-12 text-center text-sm">
          <SearchXIcon aria-hidden className="size-7 text-muted-foreground" />
          <p className="font-medium">{t('search.nothing')}</p>
          <p className="text-muted-foreground">{t('search.nothingHint')}</p>
        </div>
      )}
      {found.length === 0 && waiting && <div className="h-40" />}
    </>
  )
}
