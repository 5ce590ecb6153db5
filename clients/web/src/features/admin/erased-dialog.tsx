import { useTranslation } from 'react-i18next'

import type { Erasure } from '@/api/types'
import { Button } from '@/components/ui/button'
import {
  Dialog,
  DialogContent,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from '@/components/ui/dialog'
import { ErasureReport } from '@/features/settings/erasure-report'

interface ErasedDialogProps {
  name: string
  report: Erasure
  close: () => void
}

export function ErasedDialog({ name, report, close }: ErasedDialogProps) {
  const { t } = useTranslation('admin')
  return (
    <Dialog open onOpenChange={(open) => open || close()}>
      <DialogContent aria-describedby={undefined}>
        <DialogHeader>
          <DialogTitle>{t('users.erased', { name })}</DialogTitle>
        </DialogHeader>
        <ErasureReport report={report} />
        <DialogFooter>
          <Button onClick={close}>{t('done')}</Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  )
}
