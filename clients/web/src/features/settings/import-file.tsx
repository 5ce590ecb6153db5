import { UploadIcon } from 'lucide-react'
import { useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { cn } from '@/components/class-names'
import { ErrorNote } from '@/components/error-note'
import { buttonVariants } from '@/components/ui/button'
import { Spinner } from '@/components/ui/spinner'

import { ImportReportView } from './import-report'
import { useImport } from './use-import'

/** Takes a file by its button or by dropping it, and shows what came of it. */
export function ImportFile() {
  const { t } = useTranslation('settings')
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const importing = useImport()
  const take = (file: File | undefined) => {
    if (file && !importing.isPending) importing.mutate(file)
    // The same file may be chosen again.
    if (input.current) input.current.value = ''
  }
  return (
    <div className="grid max-w-xl grid-cols-[minmax(0,1fr)] gap-4">
      <div
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault()
          setOver(false)
          take(event.dataTransfer.files[0])
        }}
        className={cn(
          'grid justify-items-center gap-3 rounded-xl border border-dashed p-6 text-center text-sm text-muted-foreground has-focus-visible:ring-2 has-focus-visible:ring-ring',
          over && 'border-primary bg-accent',
        )}
      >
        <input
          ref={input}
          id={id}
          type="file"
          accept=".json,application/json"
          className="sr-only"
          disabled={importing.isPending}
          onChange={(event) => take(event.target.files?.[0])}
        />
        <label
          htmlFor={id}
          className={cn(buttonVariants({ variant: 'outline' }), 'cursor-pointer text-foreground')}
        >
          {importing.isPending ? <Spinner /> : <UploadIcon />}
          {importing.isPending ? t('import.running') : t('import.choose')}
        </label>
        <p>{t('import.drop')}</p>
      </div>
      <div aria-live="polite">
        {importing.isError && <ErrorNote error={importing.error} />}
        {importing.isSuccess && <ImportReportView report={importing.data} />}
      </div>
    </div>
  )
}
