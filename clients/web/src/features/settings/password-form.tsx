import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { api, dataOf } from '@/api/client'
import { ErrorNote } from '@/components/error-note'
import { Button } from '@/components/ui/button'
import { Field } from '@/components/ui/field'
import { Spinner } from '@/components/ui/spinner'
import { toast } from '@/components/ui/toaster'
import { useSession } from '@/session/session-store'

import { passwordProblem } from './password-problem'
import { settingsKeys } from './settings-queries'

const EMPTY = { old: '', wanted: '', again: '' }

export function PasswordForm() {
  const { t } = useTranslation('settings')
  const email = useSession(({ user }) => user?.email)
  const client = useQueryClient()
  const [form, setForm] = useState(EMPTY)
  const [tried, setTried] = useState(false)
  const changing = useMutation({
    mutationFn: () =>
      dataOf(
        api.POST('/api/me/password', {
          body: { old_password: form.old, new_password: form.wanted },
        }),
      ),
    onSuccess: () => {
      setForm(EMPTY)
      setTried(false)
      toast(t('password.changed'))
      return client.invalidateQueries({ queryKey: settingsKeys.sessions })
    },
  })
  const problem = passwordProblem(form)
  const errorOf = (field: keyof typeof EMPTY) =>
    tried && problem?.field === field ? t(`password.${problem.reason}`) : undefined
  const field = (name: keyof typeof EMPTY) => ({
    label: t(`password.${name}`),
    type: 'password',
    required: true,
    value: form[name],
    error: errorOf(name),
    onChange: (event: { target: { value: string } }) =>
      setForm((before) => ({ ...before, [name]: event.target.value })),
  })
  return (
    <form
      noValidate
      className="grid max-w-md gap-5"
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (!problem) changing.mutate()
      }}
    >
      {changing.isError && <ErrorNote error={changing.error} />}
      {/* Password managers want to know whose password it is. */}
      <input type="hidden" name="username" autoComplete="username" value={email ?? ''} readOnly />
      <Field {...field('old')} autoComplete="current-password" />
      <Field {...field('wanted')} autoComplete="new-password" hint={t('password.rule')} />
      <Field {...field('again')} autoComplete="new-password" />
      <Button type="submit" className="justify-self-start" disabled={changing.isPending}>
        {changing.isPending && <Spinner />}
        {t('password.change')}
      </Button>
    </form>
  )
}
