import { useQueryClient } from '@tanstack/react-query'
import { KeyRoundIcon, Trash2Icon } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { api, dataOf } from '@/api/client'
import type { ApiKey } from '@/api/types'
import { ConfirmDialog } from '@/components/confirm-dialog'
import { Badge } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import { toast } from '@/components/ui/toaster'
import { useFormats } from '@/i18n/formats'

import { settingsKeys } from './settings-queries'

const SCOPES = ['chat', 'admin'] as const

export function KeyRow({ apiKey, now }: { apiKey: ApiKey; now: number }) {
  const { t } = useTranslation('settings')
  const formats = useFormats()
  const [asking, setAsking] = useState(false)
  const remove = useDeleteKey(apiKey.key_id)
  const { name, used_at_ms: usedAt } = apiKey
  const used = usedAt > 0 ? t('keys.used', { ago: formats.ago(usedAt, now) }) : t('keys.unused')
  return (
    <li className="flex items-center gap-4 px-4 py-3.5">
      <KeyRoundIcon aria-hidden className="hidden size-5 shrink-0 text-muted-foreground sm:block" />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2 text-sm font-medium">
          <span className="min-w-0 truncate">{name}</span>
          {SCOPES.filter((scope) => apiKey.scopes.includes(scope)).map((scope) => (
            <Badge key={scope}>{t(`keys.scopes.${scope}`)}</Badge>
          ))}
        </p>
        <p className="text-sm text-muted-foreground">
          {t('keys.made', { date: formats.date(apiKey.created_at_ms) })}
          {' · '}
          {used}
        </p>
      </div>
      <Button
        variant="ghost"
        size="icon-sm"
        className="text-muted-foreground hover:text-destructive"
        aria-label={t('keys.deleteOf', { name })}
        title={t('keys.delete')}
        onClick={() => setAsking(true)}
      >
        <Trash2Icon />
      </Button>
      <ConfirmDialog
        open={asking}
        close={() => setAsking(false)}
        title={t('keys.deleteTitle', { name })}
        description={t('keys.deleteHint')}
        action={t('keys.delete')}
        run={remove}
      />
    </li>
  )
}

function useDeleteKey(id: string): () => Promise<void> {
  const { t } = useTranslation('settings')
  const client = useQueryClient()
  return async () => {
    await dataOf(api.DELETE('/api/keys/{key_id}', { params: { path: { key_id: id } } }))
    toast(t('keys.deleted'))
    await client.invalidateQueries({ queryKey: settingsKeys.keys })
  }
}
