import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'

import { Select } from '@/components/ui/select'

import { periodOf, PERIODS, type Period } from './period'

/** Return the period that the page's address names. */
export function usePeriod(): Period {
  const [query] = useSearchParams()
  return periodOf(query.get('period'))
}

export function PeriodPicker() {
  const { t } = useTranslation('usage')
  const period = usePeriod()
  const [, setQuery] = useSearchParams()
  return (
    <Select
      aria-label={t('period')}
      value={period}
      onChange={(event) => setQuery({ period: event.target.value }, { replace: true })}
    >
      {PERIODS.map((each) => (
        <option key={each} value={each}>
          {t(`periods.${each}`)}
        </option>
      ))}
    </Select>
  )
}
