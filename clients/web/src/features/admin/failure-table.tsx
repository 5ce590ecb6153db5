import { CircleCheckIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'

import type { AllUsage } from '@/api/types'
import { useErrorSentence } from '@/api/use-error-sentence'
import { ApiError } from '@/api/api-error'
import { Section } from '@/components/section'
import { NumberTd, NumberTh, Table, Td, Th } from '@/components/ui/table'
import { useFormats } from '@/i18n/formats'

/** Which replies failed, by their code; and what was saved by a takeover. */
export function FailureTable({ totals }: Pick<AllUsage, 'totals'>) {
  const { t } = useTranslation('admin')
  const { number, percent } = useFormats()
  const sentence = useErrorSentence()
  const errors = Object.entries(totals.errors).toSorted(([, a], [, b]) => b - a)
  const takenOver =
    totals.failed_over === 0
      ? t('failures.noneTakenOver')
      : t('failures.takenOver', { count: totals.failed_over, shown: number(totals.failed_over) })
  return (
    <Section title={t('failures.title')} hint={takenOver}>
      {errors.length === 0 ? (
        <p className="flex items-center gap-2.5 rounded-xl border bg-card px-4 py-3.5 text-sm">
          <CircleCheckIcon aria-hidden className="size-4 text-primary" />
          {t('failures.none')}
        </p>
      ) : (
        <Table aria-label={t('failures.title')}>
          <thead>
            <tr>
              <Th>{t('failures.reason')}</Th>
              <NumberTh>{t('failures.count')}</NumberTh>
              <NumberTh>{t('failures.share')}</NumberTh>
            </tr>
          </thead>
          <tbody>
            {errors.map(([code, count]) => (
              <tr key={code}>
                <Td>
                  <code className="text-xs">{code}</code>
                  <span className="block text-muted-foreground">
                    {sentence(new ApiError('', 0, code))}
                  </span>
                </Td>
                <NumberTd>{number(count)}</NumberTd>
                <NumberTd>{percent(count / Math.max(1, totals.replies))}</NumberTd>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Section>
  )
}
