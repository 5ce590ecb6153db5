import type { ReactNode } from 'react'

interface StatTileProps {
  name: string
  value: string
  note?: ReactNode
}

/** One number that matters, and what it is of. Lives in a `<dl>`. */
export function StatTile({ name, value, note }: StatTileProps) {
  return (
    <div className="rounded-xl border bg-card px-4 py-3.5">
      <dt className="text-sm text-muted-foreground">{name}</dt>
      <dd className="mt-1 text-2xl font-semibold tracking-tight wrap-anywhere tabular-nums">
        {value}
      </dd>
      {note !== undefined && <dd className="mt-0.5 text-xs text-muted-foreground">{note}</dd>}
    </div>
  )
}
