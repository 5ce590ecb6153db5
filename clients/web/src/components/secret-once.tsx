import { TriangleAlertIcon } from 'lucide-react'

import { CopyButton } from './copy-button'

interface SecretOnceProps {
  label: string
  secret: string
  /** That it will not be shown again. */
  warning?: string
}

/** Something secret, the one time that it is shown. */
export function SecretOnce({ label, secret, warning }: SecretOnceProps) {
  return (
    <div className="grid gap-3">
      <div className="flex items-center gap-1 rounded-lg border bg-code py-1 pr-1 pl-3">
        <code aria-label={label} className="min-w-0 flex-1 font-mono text-sm break-all select-all">
          {secret}
        </code>
        <CopyButton text={secret} className="shrink-0" />
      </div>
      {warning !== undefined && (
        <p className="flex items-start gap-2 text-sm text-muted-foreground">
          <TriangleAlertIcon aria-hidden className="mt-0.5 size-4 shrink-0" />
          {warning}
        </p>
      )}
    </div>
  )
}
