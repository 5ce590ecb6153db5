import { useInfiniteQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { ErrorNote } from '@/components/error-note'
import { Skeleton } from '@/components/ui/skeleton'

import { ConversationEntry } from './conversation-entry'
import { conversationList } from './conversation-queries'
import { groupedByDate } from './date-groups'
import { MoreBelow } from './more-below'
import { useRunningConversations } from './running-conversations'

export function ConversationList() {
  const { t } = useTranslation('conversations')
  const list = useInfiniteQuery(conversationList())
  const running = useRunningConversations()
  if (list.isPending) return <ListSkeleton />
  if (list.isLoadingError) return <ErrorNote error={list.error} retry={() => void list.refetch()} />
  const conversations = list.data.pages.flatMap((page) => page.data)
  if (conversations.length === 0) {
    return <p className="px-3 py-2 text-sm text-muted-foreground">{t('none')}</p>
  }
  return (
    <>
      {groupedByDate(conversations, new Date()).map(({ group, conversations }) => (
        <section key={group} aria-label={t(`groups.${group}`)} className="mb-4">
          <h2 className="px-3 py-1.5 text-xs font-medium text-muted-foreground">
            {t(`groups.${group}`)}
          </h2>
          <ul>
            {conversations.map((conversation) => (
              <li key={conversation.conversation_id}>
                <ConversationEntry
                  conversation={conversation}
                  running={running.has(conversation.conversation_id)}
                />
              </li>
            ))}
          </ul>
        </section>
      ))}
      <MoreBelow list={list} />
    </>
  )
}

function ListSkeleton() {
  return (
    <div className="grid gap-3 px-3 py-2">
      {['w-4/5', 'w-3/5', 'w-2/3', 'w-1/2'].map((width) => (
        <Skeleton key={width} className={`h-4 ${width}`} />
      ))}
    </div>
  )
}
