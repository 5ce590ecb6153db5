import { useTranslation } from 'react-i18next'

import { Logo } from '@/components/logo'

/** Stands there while a page is fetched; shows itself only if that takes a moment. */
export function PageLoading() {
  const { t } = useTranslation('app')
  return (
    <div role="status" aria-label={t('loading')} className="grid h-full flex-1 place-items-center">
      <Logo className="size-8 animate-pulse opacity-60" />
    </div>
  )
}
