import { HatGlassesIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'

/** Says of a chat that it is temporary, and what that means. */
export function TemporaryNote() {
  const { t } = useTranslation('temporary')
  return (
    <p className="flex items-center justify-center gap-2 text-center text-sm text-muted-foreground">
      <HatGlassesIcon aria-hidden className="size-4 shrink-0" />
      <span>
        <strong className="font-medium text-foreground">{t('name')}.</strong> {t('about')}
      </span>
    </p>
  )
}
