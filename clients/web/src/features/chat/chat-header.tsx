import type { ReactNode } from 'react'

import { useSidebar } from '@/app/sidebar-state'
import { cn } from '@/components/class-names'
import { usePageTitle } from '@/components/use-page-title'

interface ChatHeaderProps {
  title?: string
  /** Buttons at the right. */
  children: ReactNode
}

/** The head of a chat; on a phone its buttons stand in the bar of the page. */
export function ChatHeader({ title, children }: ChatHeaderProps) {
  usePageTitle(title)
  const sidebar = useSidebar(({ open }) => open)
  return (
    <header
      className={cn(
        'fixed top-0 right-12 z-10 flex h-13 shrink-0 items-center gap-1 md:static md:h-14 md:justify-between md:pr-4 md:pl-5',
        !sidebar && 'md:pl-15',
      )}
    >
      {title ? (
        <h1 dir="auto" className="sr-only min-w-0 truncate text-sm font-medium md:not-sr-only">
          {title}
        </h1>
      ) : (
        <span />
      )}
      <div className="flex shrink-0 items-center gap-1">{children}</div>
    </header>
  )
}
