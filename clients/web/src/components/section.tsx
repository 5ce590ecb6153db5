import { useId, type ReactNode } from 'react'

interface SectionProps {
  title: string
  hint?: string | undefined
  /** Stands to the right of the title. */
  action?: ReactNode
  children: ReactNode
}

/** A part of a page under its own heading. */
export function Section({ title, hint, action, children }: SectionProps) {
  const id = useId()
  return (
    <section aria-labelledby={id} className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="flex flex-col gap-3 sm:flex-row sm:items-end sm:justify-between sm:gap-6 *:last:shrink-0 max-sm:items-start">
        <div className="grid max-w-prose shrink! gap-1">
          <h2 id={id} className="text-base font-semibold">
            {title}
          </h2>
          {hint !== undefined && <p className="text-sm text-muted-foreground">{hint}</p>}
        </div>
        {action}
      </div>
      {children}
    </section>
  )
}
