import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'

import { Logo } from '@/components/logo'
import { Button } from '@/components/ui/button'
import { usePageTitle } from '@/components/use-page-title'

export function NotFoundPage() {
  const { t } = useTranslation('app')
  usePageTitle(t('notFound'))
  return (
    <main className="grid h-full flex-1 place-items-center p-6">
      <div className="grid justify-items-center gap-4 text-center">
        <Logo className="size-10" />
        <h1 className="text-xl font-semibold">{t('notFound')}</h1>
        <p className="text-muted-foreground">{t('notFoundHint')}</p>
        <Button asChild>
          <Link to="/">{t('toStart')}</Link>
        </Button>
      </div>
    </main>
  )
}
