import { useQuery } from '@tanstack/react-query'
import { KeyRoundIcon, PlusIcon } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { EmptyState } from '@/components/empty-state'
import { ErrorNote } from '@/components/error-note'
import { RowsSkeleton } from '@/components/page-skeleton'
import { Section } from '@/components/section'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'

import { KeyRow } from './key-row'
import { NewKeyDialog } from './new-key-dialog'
import { keysQuery } from './settings-queries'

export default function KeysPage() {
  const { t } = useTranslation('settings')
  const [making, setMaking] = useState(false)
  const action = (
    <Button size="sm" onClick={() => setMaking(true)}>
      <PlusIcon />
      {t('keys.new')}
    </Button>
  )
  return (
    <Section title={t('sections.keys')} hint={t('keys.hint')} action={action}>
      <KeyList />
      <Dialog open={making} onOpenChange={setMaking}>
        <NewKeyDialog close={() => setMaking(false)} />
      </Dialog>
    </Section>
  )
}

function KeyList() {
  const { t } = useTranslation('settings')
  const keys = useQuery(keysQuery)
  if (keys.isPending) return <RowsSkeleton rows={2} />
  if (keys.isError) return <ErrorNote error={keys.error} retry={() => void keys.refetch()} />
  if (keys.data.length === 0) {
    return <EmptyState icon={KeyRoundIcon} title={t('keys.none')} hint={t('keys.noneHint')} />
  }
  return (
    <ul className="divide-y rounded-xl border bg-card">
      {keys.data.map((key) => (
        <KeyRow key={key.key_id} apiKey={key} now={keys.dataUpdatedAt} />
      ))}
    </ul>
  )
}
