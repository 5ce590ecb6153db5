import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { ErrorNote } from '@/components/error-note'
import { Section } from '@/components/section'
import { ModelUsageTable } from '@/features/usage/model-usage-table'
import { PeriodPicker, usePeriod } from '@/features/usage/period-picker'
import { UnpricedNote } from '@/features/usage/unpriced-note'
import { UsageCharts } from '@/features/usage/usage-charts'
import { UsageSkeleton } from '@/features/usage/usage-skeleton'
import { UsageTiles } from '@/features/usage/usage-tiles'

import { allUsage } from './admin-queries'
import { FailureTable } from './failure-table'
import { LatencyCharts } from './latency-charts'
import { LatencyTable } from './latency-table'
import { LivePanel } from './live-panel'
import { TopUsers } from './top-users'

/** How the instance does now, and what everybody has used. */
export default function OverviewPage() {
  const { t } = useTranslation('admin')
  const usage = useQuery(allUsage(usePeriod()))
  if (usage.isPending) return <UsageSkeleton />
  if (usage.isLoadingError) {
    return <ErrorNote error={usage.error} retry={() => void usage.refetch()} />
  }
  const { data } = usage
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-12">
      {/* What is shown is from before: it says so rather than to vanish. */}
      {usage.isError && <ErrorNote error={usage.error} retry={() => void usage.refetch()} />}
      <LivePanel live={data.live} />
      <Section title={t('overview.used')} hint={t('overview.usedHint')} action={<PeriodPicker />}>
        <UsageTiles totals={data.totals} currency={data.currency} />
        <UnpricedNote {...data} />
        <UsageCharts usage={data} />
      </Section>
      <Section title={t('overview.latency')} hint={t('overview.latencyHint')}>
        <LatencyCharts usage={data} />
        <LatencyTable models={data.models} />
      </Section>
      <FailureTable totals={data.totals} />
      <ModelUsageTable {...data} />
      <TopUsers users={data.users} currency={data.currency} />
    </div>
  )
}
