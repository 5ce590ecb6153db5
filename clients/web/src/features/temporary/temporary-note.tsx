import { HatGlassesIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'

/** Says of a chat that it is temporary, and what that means. */
export function TemporaryNote() {
  const { t } = useTranslation('temporary')
  return (
    <p className="text-center text-sm text-balance text-muted-foreground">
      <HatGlassesIcon aria-hidden className="mr-1.5 inline size-4 align-text-bottom" />
      <strong className="font-medium text-foreground">{t('name')}.</strong> {t('about')}
    </p>
  )
}
