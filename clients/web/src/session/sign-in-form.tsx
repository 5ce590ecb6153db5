import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { ErrorNote } from '@/components/error-note'
import { Button } from '@/components/ui/button'
import { Field } from '@/components/ui/field'
import { Spinner } from '@/components/ui/spinner'

import { signIn } from './session-calls'

/** `email` is given where somebody signs in once more. */
export function SignInForm({ email: known }: { email?: string | undefined }) {
  const { t } = useTranslation('session')
  const [email, setEmail] = useState(known ?? '')
  const [password, setPassword] = useState('')
  const signingIn = useMutation({ mutationFn: signIn })
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        signingIn.mutate({ email, password })
      }}
    >
      {signingIn.isError && <ErrorNote error={signingIn.error} />}
      <Field
        label={t('email')}
        type="email"
        autoComplete="username"
        required
        autoFocus={known === undefined}
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <Field
        label={t('password')}
        type="password"
        autoComplete="current-password"
        required
        autoFocus={known !== undefined}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <Button type="submit" disabled={signingIn.isPending}>
        {signingIn.isPending && <Spinner />}
        {t('signIn')}
      </Button>
    </form>
  )
}
