import { useInfiniteQuery } from '@tanstack/react-query'
import { SearchIcon, UsersIcon } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { EmptyState } from '@/components/empty-state'
import { ErrorNote } from '@/components/error-note'
import { RowsSkeleton } from '@/components/page-skeleton'
import { Section } from '@/components/section'
import { Input } from '@/components/ui/input'

import { usersQuery } from './admin-queries'
import { MoreUsers } from './more-users'
import { matchingUsers } from './matching-users'
import { UserRow } from './user-row'

export default function UsersPage() {
  const { t } = useTranslation('admin')
  const [words, setWords] = useState('')
  const filter = (
    <div className="relative w-full sm:w-64">
      <SearchIcon
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted-foreground"
      />
      <Input
        type="search"
        aria-label={t('users.filter')}
        placeholder={t('users.filter')}
        className="pl-9"
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
    </div>
  )
  return (
    <Section title={t('sections.users')} hint={t('users.hint')} action={filter}>
      <UserList words={useDeferredValue(words)} />
    </Section>
  )
}

function UserList({ words }: { words: string }) {
  const { t } = useTranslation('admin')
  const users = useInfiniteQuery(usersQuery)
  if (users.isPending) return <RowsSkeleton rows={4} />
  if (users.isLoadingError) {
    return <ErrorNote error={users.error} retry={() => void users.refetch()} />
  }
  const shown = matchingUsers(
    users.data.pages.flatMap((page) => page.data),
    words,
  )
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      {shown.length > 0 && (
        <ul className="divide-y rounded-xl border bg-card">
          {shown.map((user) => (
            <UserRow key={user.user_id} user={user} />
          ))}
        </ul>
      )}
      {shown.length === 0 && !users.hasNextPage && (
        <EmptyState icon={UsersIcon} title={t('users.noMatch')} />
      )}
      {/* Not all of them are here yet: whoever looks for one needs them. */}
      <MoreUsers list={users} eager={words.trim() !== ''} />
    </div>
  )
}
