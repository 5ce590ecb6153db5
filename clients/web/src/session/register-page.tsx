import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useSearchParams } from 'react-router'

import { ErrorNote } from '@/components/error-note'
import { Button } from '@/components/ui/button'
import { Field } from '@/components/ui/field'
import { Spinner } from '@/components/ui/spinner'

import { AuthLayout } from './auth-layout'
import { register, type Registration } from './session-calls'

export default function RegisterPage() {
  const { t } = useTranslation('session')
  const footer = (
    <>
      {t('haveAccount')}{' '}
      <Link className="font-medium text-primary hover:underline" to="/login">
        {t('signIn')}
      </Link>
    </>
  )
  return (
    <AuthLayout title={t('createAccount')} subtitle={t('registerHint')} footer={footer}>
      <RegisterForm />
    </AuthLayout>
  )
}

function RegisterForm() {
  const { t } = useTranslation('session')
  // An invitation may come as a link.
  const [query] = useSearchParams()
  const [form, setForm] = useState<Registration>({
    name: '',
    email: '',
    password: '',
    code: query.get('code') ?? '',
  })
  const registering = useMutation({ mutationFn: register })
  const field = (name: keyof Registration) => ({
    label: t(name),
    value: form[name],
    onChange: (event: { target: { value: string } }) =>
      setForm((before) => ({ ...before, [name]: event.target.value })),
  })
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        registering.mutate(form)
      }}
    >
      {registering.isError && <ErrorNote error={registering.error} />}
      <Field {...field('name')} autoComplete="name" required maxLength={100} autoFocus />
      <Field {...field('email')} type="email" autoComplete="username" required />
      <Field
        {...field('password')}
        type="password"
        autoComplete="new-password"
        required
        minLength={8}
        maxLength={256}
        hint={t('passwordHint')}
      />
      <Field {...field('code')} autoComplete="off" spellCheck={false} hint={t('codeHint')} />
      <Button type="submit" disabled={registering.isPending}>
        {registering.isPending && <Spinner />}
        {t('register')}
      </Button>
    </form>
  )
}
