import { useTranslation } from 'react-i18next'

import { SecretOnce } from '@/components/secret-once'
import { Button } from '@/components/ui/button'
import { DialogFooter } from '@/components/ui/dialog'

import { invitationLink } from './invitation-state'

export function InvitationMade({ code, close }: { code: string; close: () => void }) {
  const { t } = useTranslation('admin')
  return (
    <>
      <div className="grid gap-1.5">
        <p className="text-sm font-medium">{t('invitations.link')}</p>
        <SecretOnce
          label={t('invitations.link')}
          secret={invitationLink(code, window.location.origin)}
        />
      </div>
      <div className="grid gap-1.5">
        <p className="text-sm font-medium">{t('invitations.code')}</p>
        <SecretOnce label={t('invitations.code')} secret={code} warning={t('invitations.once')} />
      </div>
      <DialogFooter>
        <Button onClick={close}>{t('done')}</Button>
      </DialogFooter>
    </>
  )
}
