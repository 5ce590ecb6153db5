import { useTranslation } from 'react-i18next'

/** What can be searched for, while nothing is. */
export function SearchTips() {
  const { t } = useTranslation('conversations')
  return (
    <ul className="grid gap-2 px-5 py-6 text-sm text-muted-foreground">
      <li>{t('search.tipWords')}</li>
      <li>{t('search.tipPhrase')}</li>
      <li className="hidden sm:block">{t('search.tipKeys')}</li>
    </ul>
  )
}
