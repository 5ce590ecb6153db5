import { useTranslation } from 'react-i18next'

import type { OwnUsage } from '@/api/types'
import { Section } from '@/components/section'
import { NumberTd, NumberTh, Table, Td, Th } from '@/components/ui/table'
import { useFormats } from '@/i18n/formats'

import { ShareBar } from './share-bar'

/** What was used of each model, the most first. */
export function ModelUsageTable({ models, currency }: Pick<OwnUsage, 'models' | 'currency'>) {
  const { t } = useTranslation('usage')
  const formats = useFormats()
  const tokensOf = (model: OwnUsage['models'][number]) =>
    model.prompt_tokens + model.completion_tokens
  const ordered = models.toSorted((a, b) => tokensOf(b) - tokensOf(a))
  const all = ordered.reduce((sum, model) => sum + tokensOf(model), 0)
  return (
    <Section title={t('byModel')}>
      <Table aria-label={t('byModel')}>
        <thead>
          <tr>
            <Th>{t('model')}</Th>
            <NumberTh>{t('replies')}</NumberTh>
            <NumberTh>{t('promptTokens')}</NumberTh>
            <NumberTh>{t('cached')}</NumberTh>
            <NumberTh>{t('completionTokens')}</NumberTh>
            {currency !== '' && <NumberTh>{t('cost')}</NumberTh>}
          </tr>
        </thead>
        <tbody>
          {ordered.map((model) => (
            <tr key={model.model}>
              <Td className="min-w-44">
                <span className="font-medium wrap-anywhere">{model.model}</span>
                <ShareBar share={all > 0 ? tokensOf(model) / all : 0} />
              </Td>
              <NumberTd>{formats.number(model.replies)}</NumberTd>
              <NumberTd>{formats.number(model.prompt_tokens)}</NumberTd>
              <NumberTd>{formats.number(model.cached_tokens)}</NumberTd>
              <NumberTd>{formats.number(model.completion_tokens)}</NumberTd>
              {currency !== '' && (
                <NumberTd>
                  {model.cost === null ? '–' : formats.money(model.cost, currency)}
                </NumberTd>
              )}
            </tr>
          ))}
        </tbody>
      </Table>
    </Section>
  )
}
