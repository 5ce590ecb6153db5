import type { ComponentProps } from 'react'

import { cn } from '@/components/class-names'

interface TableProps extends ComponentProps<'table'> {
  'aria-label': string
}

/** A table that scrolls sideways by itself where the screen is narrow. */
export function Table({ className, 'aria-label': label, ...props }: TableProps) {
  return (
    <div
      role="group"
      aria-label={label}
      tabIndex={0}
      className="relative w-full overflow-x-auto rounded-xl border bg-card outline-none focus-visible:ring-2 focus-visible:ring-ring"
    >
      <table aria-label={label} className={cn('w-full text-sm', className)} {...props} />
    </div>
  )
}

export function Th({ className, ...props }: ComponentProps<'th'>) {
  return (
    <th
      scope="col"
      className={cn(
        'h-10 border-b bg-muted/60 px-4 text-left text-xs font-medium whitespace-nowrap text-muted-foreground',
        className,
      )}
      {...props}
    />
  )
}

export function Td({ className, ...props }: ComponentProps<'td'>) {
  return (
    <td
      className={cn('border-b px-4 py-2.5 in-[tr:last-child]:border-b-0', className)}
      {...props}
    />
  )
}

export function NumberTh({ className, ...props }: ComponentProps<'th'>) {
  return <Th className={cn('text-right', className)} {...props} />
}

export function NumberTd({ className, ...props }: ComponentProps<'td'>) {
  return <Td className={cn('text-right tabular-nums', className)} {...props} />
}
