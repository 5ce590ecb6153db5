import type { LucideIcon } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { NavLink, useLocation } from 'react-router'

import { cn } from '@/components/class-names'

interface SectionTabsProps {
  label: string
  tabs: readonly { path: string; icon: LucideIcon; name: string }[]
}

/** The sections of a page: a column on wide screens, a row that scrolls on a phone. */
export function SectionTabs({ label, tabs }: SectionTabsProps) {
  const row = useRef<HTMLElement>(null)
  const { pathname } = useLocation()
  useEffect(() => {
    const current = row.current?.querySelector('[aria-current=page]')
    current?.scrollIntoView({ inline: 'center', block: 'nearest' })
  }, [pathname])
  return (
    <nav
      ref={row}
      aria-label={label}
      className="-mx-4 flex gap-1 overflow-x-auto px-4 py-1 [scrollbar-width:none] md:mx-0 md:flex-col md:px-0"
    >
      {tabs.map(({ path, icon: Icon, name }) => (
        <NavLink
          key={path}
          to={path}
          className={({ isActive }) =>
            cn(
              'flex h-9 shrink-0 items-center gap-2.5 rounded-lg px-3 text-sm text-muted-foreground outline-none hover:bg-accent hover:text-foreground focus-visible:ring-2 focus-visible:ring-ring',
              isActive && 'bg-accent font-medium text-foreground',
            )
          }
        >
          <Icon aria-hidden className="size-4" />
          {name}
        </NavLink>
      ))}
    </nav>
  )
}
