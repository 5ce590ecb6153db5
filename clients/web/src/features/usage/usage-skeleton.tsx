import { useTranslation } from 'react-i18next'

import { Skeleton } from '@/components/ui/skeleton'

export function UsageSkeleton() {
  const { t } = useTranslation('app')
  return (
    <div role="status" aria-label={t('loading')} className="grid gap-4">
      <div className="grid grid-cols-2 gap-3 md:grid-cols-4">
        {[0, 1, 2, 3].map((tile) => (
          <Skeleton key={tile} className="h-24 rounded-xl" />
        ))}
      </div>
      <Skeleton className="h-80 rounded-xl" />
    </div>
  )
}
