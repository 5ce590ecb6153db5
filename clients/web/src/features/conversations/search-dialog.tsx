import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { SearchIcon } from 'lucide-react'
import { VisuallyHidden } from 'radix-ui'
import { useId, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'

import { DialogContent, DialogTitle } from '@/components/ui/dialog'
import { Spinner } from '@/components/ui/spinner'

import { conversationSearch } from './conversation-queries'
import { foundConversations, moved, optionsOf } from './search-options'
import { phrasesOf } from './search-phrases'
import { SearchResults } from './search-results'
import { useSettled } from './use-settled'

const MOST_CHARACTERS = 200
const TYPING_MS = 180

/** Finds conversations by their titles and messages; walks through them by keyboard. */
export default function SearchDialog({ close }: { close: () => void }) {
  const { t } = useTranslation('conversations')
  const list = useId()
  const navigate = useNavigate()
  const [words, setWords] = useState('')
  const [chosen, setChosen] = useState(0)
  const asked = useSettled(words.trim(), TYPING_MS)
  const phrases = useMemo(() => phrasesOf(asked), [asked])
  const search = useQuery({
    ...conversationSearch(asked),
    enabled: phrases.length > 0,
    placeholderData: keepPreviousData,
  })
  const found = useMemo(
    () => (phrases.length > 0 && search.data ? foundConversations(search.data) : []),
    [phrases, search.data],
  )
  const options = optionsOf(found)
  const current = options[Math.min(chosen, options.length - 1)]
  const open = (path: string) => {
    close()
    void navigate(path)
  }
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'Enter' && !event.nativeEvent.isComposing && current) open(current.path)
    const next = moved(chosen, event.key, options.length)
    if (next === undefined) return
    event.preventDefault()
    setChosen(next)
  }
  return (
    <DialogContent
      closable={false}
      aria-describedby={undefined}
      className="top-[8dvh] flex max-h-[80dvh] max-w-2xl translate-y-0 flex-col gap-0 overflow-hidden p-0"
    >
      <VisuallyHidden.Root>
        <DialogTitle>{t('search.title')}</DialogTitle>
      </VisuallyHidden.Root>
      <div className="flex shrink-0 items-center gap-3 border-b px-4">
        {search.isFetching ? (
          <Spinner className="shrink-0 text-muted-foreground" />
        ) : (
          <SearchIcon aria-hidden className="size-4 shrink-0 text-muted-foreground" />
        )}
        <input
          autoFocus
          role="combobox"
          aria-expanded={options.length > 0}
          aria-controls={list}
          aria-label={t('search.title')}
          aria-autocomplete="list"
          {...(current ? { 'aria-activedescendant': `${list}-${current.key}` } : {})}
          autoComplete="off"
          spellCheck={false}
          maxLength={MOST_CHARACTERS}
          placeholder={t('search.placeholder')}
          className="h-13 min-w-0 flex-1 bg-transparent text-base outline-none placeholder:text-muted-foreground"
          value={words}
          onChange={(event) => {
            setWords(event.target.value)
            setChosen(0)
          }}
          onKeyDown={onKeyDown}
        />
        <kbd className="hidden rounded border px-1.5 py-0.5 font-sans text-xs text-muted-foreground sm:block">
          Esc
        </kbd>
      </div>
      <SearchResults
        id={list}
        phrases={phrases}
        found={found}
        current={current?.key}
        error={search.error}
        retry={() => void search.refetch()}
        waiting={phrases.length > 0 && search.isPending}
        open={open}
      />
    </DialogContent>
  )
}
