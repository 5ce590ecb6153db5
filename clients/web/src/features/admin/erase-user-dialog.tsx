import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { api, dataOf } from '@/api/client'
import type { Erasure, User } from '@/api/types'
import { ConfirmDialog } from '@/components/confirm-dialog'
import { Field } from '@/components/ui/field'

import { adminKeys } from './admin-queries'
import { ErasedDialog } from './erased-dialog'

/** Asks for the address before an account goes, and then says what has gone with it. */
export function EraseUserDialog({ user, close }: { user: User; close: () => void }) {
  const { t } = useTranslation('admin')
  const client = useQueryClient()
  const [typed, setTyped] = useState('')
  const [report, setReport] = useState<Erasure>()
  if (report) {
    const seen = () => {
      close()
      void client.invalidateQueries({ queryKey: adminKeys.users })
    }
    return <ErasedDialog name={user.name} report={report} close={seen} />
  }
  const run = async () => {
    const params = { path: { user_id: user.user_id } }
    setReport(await dataOf(api.DELETE('/api/admin/users/{user_id}', { params })))
  }
  return (
    <ConfirmDialog
      open
      close={close}
      closesItself={false}
      title={t('users.eraseTitle', { name: user.name })}
      description={t('users.eraseHint')}
      action={t('users.erase')}
      ready={typed.trim().toLowerCase() === user.email.toLowerCase()}
      run={run}
    >
      <Field
        autoFocus
        autoComplete="off"
        spellCheck={false}
        label={t('users.type', { email: user.email })}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </ConfirmDialog>
  )
}
