import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'

import { AuthLayout } from './auth-layout'
import { SignInForm } from './sign-in-form'

export default function SignInPage() {
  const { t } = useTranslation('session')
  const footer = (
    <>
      {t('noAccount')}{' '}
      <Link className="font-medium text-primary hover:underline" to="/register">
        {t('register')}
      </Link>
    </>
  )
  return (
    <AuthLayout title={t('welcomeBack')} subtitle={t('signInHint')} footer={footer}>
      <SignInForm />
    </AuthLayout>
  )
}
