import { useInfiniteQuery } from '@tanstack/react-query'
import { ArchiveIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'

import { EmptyState } from '@/components/empty-state'
import { ErrorNote } from '@/components/error-note'
import { RowsSkeleton } from '@/components/page-skeleton'
import { Section } from '@/components/section'

import { ArchivedRow } from './archived-row'
import { conversationList } from './conversation-queries'
import { MoreBelow } from './more-below'

export default function ArchivedPage() {
  const { t } = useTranslation('conversations')
  return (
    <Section title={t('archived.title')} hint={t('archived.hint')}>
      <ArchivedList />
    </Section>
  )
}

function ArchivedList() {
  const { t } = useTranslation('conversations')
  const list = useInfiniteQuery(conversationList(true))
  if (list.isPending) return <RowsSkeleton />
  if (list.isLoadingError) return <ErrorNote error={list.error} retry={() => void list.refetch()} />
  const conversations = list.data.pages.flatMap((page) => page.data)
  if (conversations.length === 0) {
    return (
      <EmptyState icon={ArchiveIcon} title={t('archived.none')} hint={t('archived.noneHint')} />
    )
  }
  return (
    <div>
      <ul className="divide-y rounded-xl border bg-card">
        {conversations.map((conversation) => (
          <ArchivedRow key={conversation.conversation_id} conversation={conversation} />
        ))}
      </ul>
      <MoreBelow list={list} />
    </div>
  )
}
