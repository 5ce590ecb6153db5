import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'

import { api, dataOf } from '@/api/client'
import { ConfirmDialog } from '@/components/confirm-dialog'
import { Button } from '@/components/ui/button'
import { Field } from '@/components/ui/field'
import { useSession } from '@/session/session-store'

export function EraseAccount() {
  const { t } = useTranslation('settings')
  const [open, setOpen] = useState(false)
  return (
    <div className="max-w-xl rounded-xl border border-destructive/40 p-4">
      <p className="mb-2 text-sm font-medium">{t('erase.what')}</p>
      <ul className="mb-4 list-disc space-y-1 pl-5 text-sm text-muted-foreground">
        <li>{t('erase.conversations')}</li>
        <li>{t('erase.links')}</li>
        <li>{t('erase.keys')}</li>
        <li>{t('erase.usage')}</li>
      </ul>
      <Button variant="destructive" onClick={() => setOpen(true)}>
        {t('erase.start')}
      </Button>
      {open && <EraseDialog close={() => setOpen(false)} />}
    </div>
  )
}

function EraseDialog({ close }: { close: () => void }) {
  const { t } = useTranslation('settings')
  const navigate = useNavigate()
  const email = useSession(({ user }) => user?.email) ?? ''
  const [typed, setTyped] = useState('')
  const [password, setPassword] = useState('')
  const run = async () => {
    const report = await dataOf(api.DELETE('/api/me', { body: { password } }))
    // That page signs out: everything of the account is forgotten here as well.
    void navigate('/goodbye', { replace: true, state: report })
  }
  return (
    <ConfirmDialog
      open
      close={close}
      title={t('erase.sure')}
      description={t('erase.sureHint')}
      action={t('erase.start')}
      ready={typed.trim().toLowerCase() === email.toLowerCase() && password !== ''}
      run={run}
    >
      <Field
        autoFocus
        label={t('erase.type', { email })}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <Field
        label={t('erase.password')}
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
    </ConfirmDialog>
  )
}
