import { useQuery } from '@tanstack/react-query'
import { ChartColumnIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'

import { EmptyState } from '@/components/empty-state'
import { ErrorNote } from '@/components/error-note'
import { Button } from '@/components/ui/button'
import { usePageTitle } from '@/components/use-page-title'

import { ModelUsageTable } from './model-usage-table'
import { PeriodPicker, usePeriod } from './period-picker'
import { UnpricedNote } from './unpriced-note'
import { UsageCharts } from './usage-charts'
import { ownUsage } from './usage-query'
import { UsageSkeleton } from './usage-skeleton'
import { UsageTiles } from './usage-tiles'

export default function UsagePage() {
  const { t } = useTranslation('usage')
  usePageTitle(t('title'))
  return (
    <div className="min-h-0 flex-1 overflow-y-auto [scrollbar-gutter:stable]">
      <div className="mx-auto grid w-full max-w-5xl grid-cols-[minmax(0,1fr)] gap-6 px-4 py-6 md:px-8 md:py-12">
        <div className="flex flex-wrap items-end justify-between gap-4">
          <div className="grid gap-1">
            <h1 className="text-2xl font-semibold tracking-tight">{t('title')}</h1>
            <p className="text-sm text-muted-foreground">{t('hint')}</p>
          </div>
          <PeriodPicker />
        </div>
        <UsageReport />
      </div>
    </div>
  )
}

function UsageReport() {
  const { t } = useTranslation('usage')
  const usage = useQuery(ownUsage(usePeriod()))
  if (usage.isPending) return <UsageSkeleton />
  if (usage.isError) return <ErrorNote error={usage.error} retry={() => void usage.refetch()} />
  if (usage.data.totals.replies === 0) {
    return (
      <EmptyState icon={ChartColumnIcon} title={t('none')} hint={t('noneHint')}>
        <Button asChild variant="outline" size="sm" className="mt-2">
          <Link to="/">{t('ask')}</Link>
        </Button>
      </EmptyState>
    )
  }
  return (
    <>
      <UsageTiles totals={usage.data.totals} currency={usage.data.currency} />
      <UnpricedNote {...usage.data} />
      <UsageCharts usage={usage.data} />
      <ModelUsageTable {...usage.data} />
    </>
  )
}
