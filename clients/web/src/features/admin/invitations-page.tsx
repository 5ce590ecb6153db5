import { useQuery } from '@tanstack/react-query'
import { MailPlusIcon, PlusIcon } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { EmptyState } from '@/components/empty-state'
import { ErrorNote } from '@/components/error-note'
import { RowsSkeleton } from '@/components/page-skeleton'
import { Section } from '@/components/section'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'

import { invitationsQuery } from './admin-queries'
import { InvitationRow } from './invitation-row'
import { InviteDialog } from './invite-dialog'

export default function InvitationsPage() {
  const { t } = useTranslation('admin')
  const [inviting, setInviting] = useState(false)
  const action = (
    <Button size="sm" onClick={() => setInviting(true)}>
      <PlusIcon />
      {t('invitations.new')}
    </Button>
  )
  return (
    <Section title={t('sections.invitations')} hint={t('invitations.hint')} action={action}>
      <InvitationList />
      <Dialog open={inviting} onOpenChange={setInviting}>
        <InviteDialog close={() => setInviting(false)} />
      </Dialog>
    </Section>
  )
}

function InvitationList() {
  const { t } = useTranslation('admin')
  const invitations = useQuery(invitationsQuery)
  if (invitations.isPending) return <RowsSkeleton />
  if (invitations.isError) {
    return <ErrorNote error={invitations.error} retry={() => void invitations.refetch()} />
  }
  if (invitations.data.length === 0) {
    return (
      <EmptyState
        icon={MailPlusIcon}
        title={t('invitations.none')}
        hint={t('invitations.noneHint')}
      />
    )
  }
  return (
    <ul className="divide-y rounded-xl border bg-card">
      {invitations.data.map((invitation) => (
        <InvitationRow
          key={invitation.invitation_id}
          invitation={invitation}
          now={invitations.dataUpdatedAt}
        />
      ))}
    </ul>
  )
}
