import { PlugZapIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'

import type { LiveState } from '@/api/types'
import { EmptyState } from '@/components/empty-state'
import { Section } from '@/components/section'
import { StatTile } from '@/components/stat-tile'
import { useFormats } from '@/i18n/formats'

import { ConsumerTable } from './consumer-table'
import { liveSums } from './live-sums'
import { LiveModelTable } from './live-model-table'

/** Queues, workers and consumers at this moment. */
export function LivePanel({ live }: { live: LiveState | null }) {
  const { t } = useTranslation('admin')
  return (
    <Section title={t('live.title')} hint={t('live.hint')}>
      {live ? (
        <LiveNumbers live={live} />
      ) : (
        <EmptyState icon={PlugZapIcon} title={t('live.away')} hint={t('live.awayHint')} />
      )}
    </Section>
  )
}

function LiveNumbers({ live }: { live: LiveState }) {
  const { t } = useTranslation('admin')
  const formats = useFormats()
  const { queued, workers, draining, slots, busy, tokensPerS, behindMs } = liveSums(live)
  return (
    <>
      <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        <StatTile
          name={t('live.queued')}
          value={formats.number(queued)}
          note={t('live.queuedNote')}
        />
        <StatTile
          name={t('live.workers')}
          value={formats.number(workers)}
          note={draining > 0 ? t('live.draining', { count: draining }) : t('live.allReady')}
        />
        <StatTile
          name={t('live.busy')}
          value={`${formats.number(busy)} / ${formats.number(slots)}`}
          note={t('live.speed', { tokens: formats.number(tokensPerS) })}
        />
        <StatTile
          name={t('live.lag')}
          value={behindMs === 0 ? t('live.none') : formats.span(behindMs)}
          note={t('live.lagNote')}
        />
      </dl>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4 2xl:grid-cols-2">
        <LiveModelTable models={live.models} />
        <ConsumerTable consumers={live.consumers} />
      </div>
    </>
  )
}
