import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { api, dataOf } from '@/api/client'
import { ErrorNote } from '@/components/error-note'
import { Section } from '@/components/section'
import { Button } from '@/components/ui/button'
import { Field } from '@/components/ui/field'
import { toast } from '@/components/ui/toaster'
import { useSession } from '@/session/session-store'

export default function ProfilePage() {
  const { t } = useTranslation('settings')
  const { user, signedIn } = useSession()
  const [name, setName] = useState(user?.name ?? '')
  const saving = useMutation({
    mutationFn: () => dataOf(api.PATCH('/api/me', { body: { name: name.trim() } })),
    onSuccess: (profile) => {
      signedIn(profile)
      setName(profile.name)
      toast(t('saved'))
    },
  })
  const unchanged = name.trim() === user?.name
  return (
    <Section title={t('sections.profile')} hint={t('profileHint')}>
      <form
        className="grid max-w-md gap-5"
        onSubmit={(event) => {
          event.preventDefault()
          saving.mutate()
        }}
      >
        {saving.isError && <ErrorNote error={saving.error} />}
        <Field
          label={t('name')}
          autoComplete="name"
          required
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Field label={t('email')} value={user?.email ?? ''} readOnly hint={t('emailHint')} />
        <Button
          type="submit"
          className="justify-self-start"
          disabled={saving.isPending || unchanged}
        >
          {t('save')}
        </Button>
      </form>
    </Section>
  )
}
