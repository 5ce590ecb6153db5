import { useTranslation } from 'react-i18next'

import type { AllUsage, Percentiles } from '@/api/types'
import { NumberTd, NumberTh, Table, Td, Th } from '@/components/ui/table'
import { useFormats } from '@/i18n/formats'

const PERCENTILES = ['p50', 'p95', 'p99'] as const
const MEASURES = ['first_token_ms', 'inter_token_ms', 'queue_ms'] as const

/** How long people waited for each model. */
export function LatencyTable({ models }: Pick<AllUsage, 'models'>) {
  const { t } = useTranslation('admin')
  const { span } = useFormats()
  if (models.length === 0) return null
  const shown = (percentiles: Percentiles) =>
    PERCENTILES.map((name) => {
      const value = percentiles[name]
      // Between the three a narrow column may break, and not before a unit.
      return value === null ? '–' : span(value).replaceAll(' ', '\u00a0')
    }).join(' / ')
  return (
    <Table aria-label={t('latency.byModel')}>
      <thead>
        <tr>
          <Th>{t('live.model')}</Th>
          {MEASURES.map((measure) => (
            <NumberTh key={measure}>
              {t(`latency.${measure}`)}
              <span className="block font-normal">p50 / p95 / p99</span>
            </NumberTh>
          ))}
        </tr>
      </thead>
      <tbody>
        {models.map(({ model, latency }) => (
          <tr key={model}>
            <Td className="min-w-36 font-medium wrap-anywhere">{model}</Td>
            {MEASURES.map((measure) => (
              <NumberTd key={measure}>{shown(latency[measure])}</NumberTd>
            ))}
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
