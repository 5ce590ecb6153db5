import { useTranslation } from 'react-i18next'

import type { LiveState } from '@/api/types'
import { NumberTd, NumberTh, Table, Td, Th } from '@/components/ui/table'
import { useFormats } from '@/i18n/formats'

export function LiveModelTable({ models }: Pick<LiveState, 'models'>) {
  const { t } = useTranslation('admin')
  const { number } = useFormats()
  return (
    <Table aria-label={t('live.models')}>
      <thead>
        <tr>
          <Th>{t('live.model')}</Th>
          <NumberTh>{t('live.queued')}</NumberTh>
          <NumberTh>{t('live.workers')}</NumberTh>
          <NumberTh>{t('live.free')}</NumberTh>
        </tr>
      </thead>
      <tbody>
        {models.map(({ model, queued, workers, slots, free }) => (
          <tr key={model}>
            <Td className="min-w-36 font-medium wrap-anywhere">{model}</Td>
            <NumberTd>{number(queued)}</NumberTd>
            <NumberTd className={workers === 0 ? 'font-medium text-destructive' : ''}>
              {workers === 0 ? t('live.noWorker') : number(workers)}
            </NumberTd>
            <NumberTd className="whitespace-nowrap">
              {number(free)} / {number(slots)}
            </NumberTd>
          </tr>
        ))}
        {models.length === 0 && (
          <tr>
            <Td colSpan={4} className="text-center text-muted-foreground">
              {t('live.noModels')}
            </Td>
          </tr>
        )}
      </tbody>
    </Table>
  )
}
