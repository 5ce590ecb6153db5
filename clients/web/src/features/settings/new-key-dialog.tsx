import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { api, dataOf } from '@/api/client'
import { ErrorNote } from '@/components/error-note'
import { SecretOnce } from '@/components/secret-once'
import { Button } from '@/components/ui/button'
import {
  DialogClose,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from '@/components/ui/dialog'
import { Field } from '@/components/ui/field'
import { Spinner } from '@/components/ui/spinner'
import { useSession } from '@/session/session-store'

import { settingsKeys } from './settings-queries'

type Scope = 'chat' | 'admin'

/** Makes a key, then shows it. */
export function NewKeyDialog({ close }: { close: () => void }) {
  const { t } = useTranslation('settings')
  const client = useQueryClient()
  const making = useMutation({
    mutationFn: (body: { name: string; scopes: Scope[] }) =>
      dataOf(api.POST('/api/keys', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: settingsKeys.keys }),
  })
  const made = making.data
  return (
    // A key that was just made is not lost by a click beside it.
    <DialogContent onInteractOutside={(event) => made && event.preventDefault()}>
      <DialogHeader>
        <DialogTitle>{made ? t('keys.madeTitle', { name: made.name }) : t('keys.new')}</DialogTitle>
        <DialogDescription>{made ? t('keys.madeHint') : t('keys.newHint')}</DialogDescription>
      </DialogHeader>
      {made ? (
        <>
          <SecretOnce label={t('keys.key')} secret={made.key} warning={t('keys.once')} />
          <DialogFooter>
            <DialogClose asChild>
              <Button>{t('done')}</Button>
            </DialogClose>
          </DialogFooter>
        </>
      ) : (
        <NewKeyForm
          make={making.mutate}
          cancel={close}
          pending={making.isPending}
          error={making.error}
        />
      )}
    </DialogContent>
  )
}

interface FormProps {
  make: (wanted: { name: string; scopes: Scope[] }) => void
  cancel: () => void
  pending: boolean
  error: unknown
}

function NewKeyForm({ make, cancel, pending, error }: FormProps) {
  const { t } = useTranslation('settings')
  const admin = useSession(({ user }) => user?.role === 'admin')
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<readonly Scope[]>(['chat'])
  const toggle = (scope: Scope) =>
    setScopes((before) =>
      before.includes(scope) ? before.filter((each) => each !== scope) : [...before, scope],
    )
  return (
    <form
      className="grid gap-5"
      onSubmit={(event) => {
        event.preventDefault()
        make({ name: name.trim(), scopes: [...scopes] })
      }}
    >
      {error !== null && <ErrorNote error={error} />}
      <Field
        autoFocus
        required
        label={t('keys.name')}
        placeholder={t('keys.namePlaceholder')}
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      {admin && (
        <fieldset className="grid gap-3">
          <legend className="mb-2 text-sm font-medium">{t('keys.may')}</legend>
          {(['chat', 'admin'] as const).map((scope) => (
            <ScopeBox
              key={scope}
              scope={scope}
              checked={scopes.includes(scope)}
              toggle={() => toggle(scope)}
            />
          ))}
        </fieldset>
      )}
      <DialogFooter>
        <Button variant="outline" onClick={cancel}>
          {t('cancel')}
        </Button>
        <Button type="submit" disabled={pending || name.trim() === '' || scopes.length === 0}>
          {pending && <Spinner />}
          {t('keys.make')}
        </Button>
      </DialogFooter>
    </form>
  )
}

interface ScopeBoxProps {
  scope: Scope
  checked: boolean
  toggle: () => void
}

function ScopeBox({ scope, checked, toggle }: ScopeBoxProps) {
  const { t } = useTranslation('settings')
  const id = useId()
  return (
    <div className="flex items-start gap-3">
      <input
        id={id}
        type="checkbox"
        aria-describedby={`${id}-hint`}
        className="mt-0.5 size-4 accent-primary"
        checked={checked}
        onChange={toggle}
      />
      <div className="grid text-sm">
        <label htmlFor={id} className="font-medium">
          {t(`keys.scopes.${scope}`)}
        </label>
        <span id={`${id}-hint`} className="text-muted-foreground">
          {t(`keys.scopeHints.${scope}`)}
        </span>
      </div>
    </div>
  )
}
