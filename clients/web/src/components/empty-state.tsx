import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

interface EmptyStateProps {
  icon: LucideIcon
  title: string
  hint?: string
  /** A way on. */
  children?: ReactNode
}

/** Stands where a list or chart would be, while there is nothing for it. */
export function EmptyState({ icon: Icon, title, hint, children }: EmptyStateProps) {
  return (
    <div className="grid justify-items-center gap-2 rounded-xl border border-dashed px-6 py-10 text-center">
      <Icon aria-hidden className="mb-1 size-7 text-muted-foreground" />
      <p className="text-sm font-medium">{title}</p>
      {hint !== undefined && (
        <p className="max-w-sm text-sm text-balance text-muted-foreground">{hint}</p>
      )}
      {children}
    </div>
  )
}
