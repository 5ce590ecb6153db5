import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { api, dataOf } from '@/api/client'
import { ErrorNote } from '@/components/error-note'
import { Button } from '@/components/ui/button'
import {
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from '@/components/ui/dialog'
import { Field } from '@/components/ui/field'
import { Spinner } from '@/components/ui/spinner'

import { adminKeys } from './admin-queries'
import { InvitationMade } from './invitation-made'
import { RoleChoice, type Role } from './role-choice'

/** Makes an invitation, then shows its code. */
export function InviteDialog({ close }: { close: () => void }) {
  const { t } = useTranslation('admin')
  const client = useQueryClient()
  const inviting = useMutation({
    mutationFn: (body: { role: Role; note: string }) =>
      dataOf(api.POST('/api/admin/invitations', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: adminKeys.invitations }),
  })
  const made = inviting.data
  return (
    // A code that was just made is not lost by a click beside it.
    <DialogContent onInteractOutside={(event) => made && event.preventDefault()}>
      <DialogHeader>
        <DialogTitle>{made ? t('invitations.madeTitle') : t('invitations.new')}</DialogTitle>
        <DialogDescription>
          {made ? t('invitations.madeHint') : t('invitations.newHint')}
        </DialogDescription>
      </DialogHeader>
      {made ? (
        <InvitationMade code={made.code} close={close} />
      ) : (
        <InviteForm
          invite={inviting.mutate}
          cancel={close}
          pending={inviting.isPending}
          error={inviting.error}
        />
      )}
    </DialogContent>
  )
}

interface InviteFormProps {
  invite: (wanted: { role: Role; note: string }) => void
  cancel: () => void
  pending: boolean
  error: unknown
}

function InviteForm({ invite, cancel, pending, error }: InviteFormProps) {
  const { t } = useTranslation('admin')
  const [note, setNote] = useState('')
  const [role, setRole] = useState<Role>('user')
  return (
    <form
      className="grid gap-5"
      onSubmit={(event) => {
        event.preventDefault()
        invite({ role, note: note.trim() })
      }}
    >
      {error !== null && <ErrorNote error={error} />}
      <Field
        autoFocus
        label={t('invitations.note')}
        placeholder={t('invitations.notePlaceholder')}
        maxLength={200}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
      <RoleChoice role={role} choose={setRole} />
      <DialogFooter>
        <Button variant="outline" onClick={cancel}>
          {t('cancel')}
        </Button>
        <Button type="submit" disabled={pending}>
          {pending && <Spinner />}
          {t('invitations.make')}
        </Button>
      </DialogFooter>
    </form>
  )
}
