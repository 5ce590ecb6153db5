import { InfoIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'

/** Says which models a cost leaves out; nothing where there are no prices at all. */
export function UnpricedNote({ unpriced, currency }: { unpriced: string[]; currency: string }) {
  const { t } = useTranslation('usage')
  if (currency === '' || unpriced.length === 0) return null
  return (
    <p className="flex items-start gap-2 text-sm text-muted-foreground">
      <InfoIcon aria-hidden className="mt-0.5 size-4 shrink-0" />
      {t('unpriced', { models: unpriced.join(', ') })}
    </p>
  )
}
