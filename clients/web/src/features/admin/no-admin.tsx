import { LockIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'

import { Button } from '@/components/ui/button'

export function NoAdmin() {
  const { t } = useTranslation('admin')
  return (
    <div className="grid flex-1 place-items-center p-6">
      <div className="grid max-w-sm justify-items-center gap-3 text-center">
        <LockIcon aria-hidden className="size-8 text-muted-foreground" />
        <h1 className="text-xl font-semibold">{t('noAdmin')}</h1>
        <p className="text-sm text-balance text-muted-foreground">{t('noAdminHint')}</p>
        <Button asChild className="mt-2">
          <Link to="/">{t('toChats')}</Link>
        </Button>
      </div>
    </div>
  )
}
