import { useTranslation } from 'react-i18next'

import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogHeader,
  DialogTitle,
} from '@/components/ui/dialog'

import { useSession } from './session-store'
import { SignInForm } from './sign-in-form'

/** Asks for the password on top of everything, so that nothing on the page is lost. */
export function SessionEndedDialog() {
  const { t } = useTranslation('session')
  const expired = useSession(({ status }) => status === 'expired')
  const email = useSession(({ user }) => user?.email)
  return (
    <Dialog open={expired}>
      <DialogContent closable={false}>
        <DialogHeader>
          <DialogTitle>{t('ended')}</DialogTitle>
          <DialogDescription>{t('endedHint')}</DialogDescription>
        </DialogHeader>
        <SignInForm email={email} />
      </DialogContent>
    </Dialog>
  )
}
