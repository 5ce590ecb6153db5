import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { api, dataOf } from '@/api/client'
import { ConfirmDialog } from '@/components/confirm-dialog'
import { Button } from '@/components/ui/button'
import { useSession } from '@/session/session-store'

export function SignOutEverywhere() {
  const { t } = useTranslation('settings')
  const [open, setOpen] = useState(false)
  const signedOut = useSession((state) => state.signedOut)
  const run = async () => {
    await dataOf(api.POST('/api/auth/logout-everywhere', {}))
    signedOut()
  }
  return (
    <>
      <Button variant="outline" size="sm" onClick={() => setOpen(true)}>
        {t('sessions.everywhere')}
      </Button>
      <ConfirmDialog
        open={open}
        close={() => setOpen(false)}
        title={t('sessions.everywhereTitle')}
        description={t('sessions.everywhereHint')}
        action={t('sessions.everywhere')}
        run={run}
      />
    </>
  )
}
