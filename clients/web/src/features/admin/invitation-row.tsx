import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { api, dataOf } from '@/api/client'
import type { Invitation } from '@/api/types'
import { ConfirmDialog } from '@/components/confirm-dialog'
import { Badge } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import { toast } from '@/components/ui/toaster'
import { useFormats } from '@/i18n/formats'

import { adminKeys } from './admin-queries'
import { invitationState } from './invitation-state'

export function InvitationRow({ invitation, now }: { invitation: Invitation; now: number }) {
  const { t } = useTranslation('admin')
  const formats = useFormats()
  const [asking, setAsking] = useState(false)
  const withdraw = useWithdraw(invitation.invitation_id)
  const state = invitationState(invitation, now)
  const note = invitation.note || t('invitations.noNote')
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3.5">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2 text-sm font-medium">
          <span className="min-w-0 truncate">{note}</span>
          {invitation.role === 'admin' && <Badge variant="primary">{t('roles.admin')}</Badge>}
          <Badge variant={state === 'open' ? 'default' : 'outline'}>
            {t(`invitations.states.${state}`)}
          </Badge>
        </p>
        <p className="text-sm text-muted-foreground">
          {t('invitations.made', { date: formats.date(invitation.created_at_ms) })}
          {state === 'open' &&
            ` · ${t('invitations.expires', { ago: formats.ago(invitation.expires_at_ms, now) })}`}
        </p>
      </div>
      {state === 'open' && (
        <Button
          variant="outline"
          size="sm"
          aria-label={t('invitations.withdrawOf', { note })}
          onClick={() => setAsking(true)}
        >
          {t('invitations.withdraw')}
        </Button>
      )}
      <ConfirmDialog
        open={asking}
        close={() => setAsking(false)}
        title={t('invitations.withdrawTitle')}
        description={t('invitations.withdrawHint')}
        action={t('invitations.withdraw')}
        run={withdraw}
      />
    </li>
  )
}

function useWithdraw(id: string): () => Promise<void> {
  const { t } = useTranslation('admin')
  const client = useQueryClient()
  return async () => {
    const params = { path: { invitation_id: id } }
    await dataOf(api.DELETE('/api/admin/invitations/{invitation_id}', { params }))
    toast(t('invitations.withdrawn'))
    await client.invalidateQueries({ queryKey: adminKeys.invitations })
  }
}
