import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'

import { Button } from '@/components/ui/button'
import { Spinner } from '@/components/ui/spinner'

interface Growing {
  hasNextPage: boolean
  isFetchingNextPage: boolean
  isFetchNextPageError: boolean
  fetchNextPage: () => Promise<unknown>
}

/** The end of a list that has more: fetches it before the reader is there, or when asked to. */
export function MoreBelow({ list }: { list: Growing }) {
  const { t } = useTranslation('conversations')
  const end = useRef<HTMLDivElement>(null)
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = list
  const waits = hasNextPage && !isFetchingNextPage && !isFetchNextPageError
  useEffect(() => {
    if (!waits || !end.current) return undefined
    const seen = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) void fetchNextPage()
      },
      { root: end.current.closest('nav'), rootMargin: '400px' },
    )
    seen.observe(end.current)
    return () => seen.disconnect()
  }, [waits, fetchNextPage])
  if (!hasNextPage) return null
  return (
    <div ref={end} className="py-1">
      <Button
        variant="ghost"
        className="w-full text-muted-foreground"
        disabled={isFetchingNextPage}
        onClick={() => void fetchNextPage()}
      >
        {isFetchingNextPage && <Spinner />}
        {isFetchNextPageError ? t('moreFailed') : t('more')}
      </Button>
    </div>
  )
}
