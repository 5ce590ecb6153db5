import { useTranslation } from 'react-i18next'

import { Skeleton } from './ui/skeleton'

/** The shape of a section whose content is on its way. */
export function PageSkeleton() {
  const { t } = useTranslation('app')
  return (
    <div role="status" aria-label={t('loading')} className="grid gap-4">
      <Skeleton className="h-5 w-40" />
      <Skeleton className="h-4 w-2/3" />
      <Skeleton className="h-28 w-full rounded-xl" />
      <Skeleton className="h-28 w-full rounded-xl" />
    </div>
  )
}

/** The shape of a list. */
export function RowsSkeleton({ rows = 3 }: { rows?: number }) {
  const { t } = useTranslation('app')
  return (
    <div role="status" aria-label={t('loading')} className="divide-y rounded-xl border">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="grid gap-2 px-4 py-4">
          <Skeleton className="h-4 w-1/3" />
          <Skeleton className="h-3 w-1/2" />
        </div>
      ))}
    </div>
  )
}
