import { useTranslation } from 'react-i18next'

import type { User } from '@/api/types'
import { ConfirmDialog } from '@/components/confirm-dialog'

interface DisableDialogProps {
  user: User
  open: boolean
  close: () => void
  disable: () => Promise<unknown>
}

export function DisableDialog({ user, open, close, disable }: DisableDialogProps) {
  const { t } = useTranslation('admin')
  return (
    <ConfirmDialog
      open={open}
      close={close}
      title={t('users.disableTitle', { name: user.name })}
      description={t('users.disableHint')}
      action={t('users.disable')}
      run={disable}
    />
  )
}
