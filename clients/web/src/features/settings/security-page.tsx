import { useTranslation } from 'react-i18next'

import { Section } from '@/components/section'

import { PasswordForm } from './password-form'
import { SessionList } from './session-list'
import { SignOutEverywhere } from './sign-out-everywhere'

export default function SecurityPage() {
  const { t } = useTranslation('settings')
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-12">
      <Section title={t('password.title')} hint={t('password.hint')}>
        <PasswordForm />
      </Section>
      <Section title={t('sessions.title')} hint={t('sessions.hint')} action={<SignOutEverywhere />}>
        <SessionList />
      </Section>
    </div>
  )
}
