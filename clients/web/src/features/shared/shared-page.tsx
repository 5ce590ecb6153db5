import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'

import { api, dataOf } from '@/api/client'
import { errorOf } from '@/api/api-error'
import type { SharedConversation } from '@/api/types'
import { NotFoundPage } from '@/app/not-found-page'
import { PageLoading } from '@/app/page-loading'
import { ErrorNote } from '@/components/error-note'
import { Logo } from '@/components/logo'
import { usePageTitle } from '@/components/use-page-title'
import { Markdown } from '@/markdown/markdown'

const NOT_FOUND = 404

/** What a public link shows to everybody. */
export default function SharedPage() {
  const token = useParams()['token'] ?? ''
  const shared = useQuery({
    queryKey: ['shared', token],
    queryFn: () => dataOf(api.GET('/api/shared/{token}', { params: { path: { token } } })),
  })
  if (shared.isPending) return <PageLoading />
  if (shared.isSuccess) return <SharedView shared={shared.data} />
  if (errorOf(shared.error).status === NOT_FOUND) return <NotFoundPage />
  return <ErrorNote error={shared.error} retry={() => void shared.refetch()} />
}

function SharedView({ shared }: { shared: SharedConversation }) {
  const { t } = useTranslation(['shared', 'chat'])
  usePageTitle(shared.title)
  return (
    <div className="h-full overflow-y-auto">
      <header className="sticky top-0 z-10 border-b bg-background">
        <div className="mx-auto flex h-14 max-w-3xl items-center gap-3 px-4">
          <Link to="/" aria-label="Rivulet">
            <Logo />
          </Link>
          <h1 className="truncate font-semibold" dir="auto">
            {shared.title}
          </h1>
        </div>
      </header>
      <main className="mx-auto grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-7 px-4 py-8">
        <p className="text-sm text-muted-foreground">{t('about', { model: shared.model })}</p>
        {shared.messages.map(({ role, content }, index) =>
          role === 'user' ? (
            <article
              key={index}
              aria-label={t('theirs')}
              dir="auto"
              className="max-w-[85%] justify-self-end rounded-3xl bg-bubble px-5 py-2.5 leading-relaxed wrap-anywhere whitespace-pre-wrap"
            >
              {content}
            </article>
          ) : (
            <article key={index} aria-label={t('chat:answer')}>
              <Markdown text={content} />
            </article>
          ),
        )}
      </main>
    </div>
  )
}
