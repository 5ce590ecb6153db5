import { useMutation } from '@tanstack/react-query'
import { DownloadIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'

import { download } from '@/components/download'
import { ErrorNote } from '@/components/error-note'
import { Button } from '@/components/ui/button'
import { Spinner } from '@/components/ui/spinner'
import { toast } from '@/components/ui/toaster'

export function ExportAll() {
  const { t } = useTranslation('settings')
  const exporting = useMutation({
    mutationFn: () => download('/api/export', 'conversations.json'),
    onSuccess: () => toast(t('export.done')),
  })
  return (
    <div className="grid max-w-lg justify-items-start gap-3">
      {exporting.isError && <ErrorNote error={exporting.error} />}
      <Button variant="outline" disabled={exporting.isPending} onClick={() => exporting.mutate()}>
        {exporting.isPending ? <Spinner /> : <DownloadIcon />}
        {exporting.isPending ? t('export.running') : t('export.start')}
      </Button>
    </div>
  )
}
