import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'

import { Button } from '@/components/ui/button'
import { Spinner } from '@/components/ui/spinner'

interface MoreUsersProps {
  list: {
    hasNextPage: boolean
    isFetchingNextPage: boolean
    isFetchNextPageError: boolean
    fetchNextPage: () => Promise<unknown>
  }
  /** Fetches on by itself, page after page. */
  eager: boolean
}

export function MoreUsers({ list, eager }: MoreUsersProps) {
  const { t } = useTranslation('admin')
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = list
  const goesOn = eager && hasNextPage && !isFetchingNextPage && !isFetchNextPageError
  useEffect(() => {
    if (goesOn) void fetchNextPage()
  }, [goesOn, fetchNextPage])
  if (!hasNextPage) return null
  return (
    <Button
      variant="outline"
      className="justify-self-center"
      disabled={isFetchingNextPage}
      onClick={() => void fetchNextPage()}
    >
      {isFetchingNextPage && <Spinner />}
      {t('users.more')}
    </Button>
  )
}
