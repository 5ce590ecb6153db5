import { useTranslation } from 'react-i18next'

import type { LiveState } from '@/api/types'
import { cn } from '@/components/class-names'
import { NumberTd, NumberTh, Table, Td, Th } from '@/components/ui/table'
import { useFormats } from '@/i18n/formats'

/** From here on somebody may notice that a consumer is behind. */
const LATE_MS = 10_000

/** How far each consumer of the log is behind. */
export function ConsumerTable({ consumers }: Pick<LiveState, 'consumers'>) {
  const { t } = useTranslation('admin')
  const formats = useFormats()
  return (
    <Table aria-label={t('live.consumers')}>
      <thead>
        <tr>
          <Th>{t('live.consumer')}</Th>
          <NumberTh>{t('live.pending')}</NumberTh>
          <NumberTh>{t('live.inHand')}</NumberTh>
          <NumberTh>{t('live.behind')}</NumberTh>
        </tr>
      </thead>
      <tbody>
        {consumers.map(({ name, pending, in_hand: inHand, behind_ms: behind }) => (
          <tr key={name}>
            <Td className="font-medium">{name}</Td>
            <NumberTd>{formats.number(pending)}</NumberTd>
            <NumberTd>{formats.number(inHand)}</NumberTd>
            <NumberTd className={cn(behind >= LATE_MS && 'font-medium text-destructive')}>
              {behind === 0 ? t('live.none') : formats.span(behind)}
            </NumberTd>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
