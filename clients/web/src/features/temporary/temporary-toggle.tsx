import { HatGlassesIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'

import { cn } from '@/components/class-names'
import { Button } from '@/components/ui/button'

import { useNewTemporary } from './temporary-chats'

/** Makes the chat that is begun next one that nobody keeps. */
export function TemporaryToggle() {
  const { t } = useTranslation('temporary')
  const { wanted, toggle } = useNewTemporary()
  return (
    <Button
      variant="ghost"
      size="sm"
      aria-pressed={wanted}
      title={t('about')}
      className={cn('px-2.5 text-muted-foreground', wanted && 'bg-accent text-foreground')}
      onClick={toggle}
    >
      <HatGlassesIcon />
      <span className="sr-only sm:not-sr-only">{t('name')}</span>
    </Button>
  )
}
