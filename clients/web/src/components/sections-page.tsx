import type { LucideIcon } from 'lucide-react'
import { Suspense } from 'react'
import { Outlet, useLocation } from 'react-router'

import { PageSkeleton } from './page-skeleton'
import { SectionTabs } from './section-tabs'
import { cn } from './class-names'
import { usePageTitle } from './use-page-title'

interface SectionsPageProps {
  title: string
  tabs: readonly { path: string; icon: LucideIcon; name: string }[]
  wide?: boolean
}

/** A page of several sections, each with its own address. */
export function SectionsPage({ title, tabs, wide = false }: SectionsPageProps) {
  const { pathname } = useLocation()
  const section = tabs.find(({ path }) => pathname.endsWith(`/${path}`))?.name
  usePageTitle(section ? `${section} – ${title}` : title)
  return (
    <div className="min-h-0 flex-1 overflow-y-auto [scrollbar-gutter:stable]">
      <div
        className={cn(
          'mx-auto grid w-full grid-cols-[minmax(0,1fr)] gap-x-10 gap-y-5 px-4 py-6 md:grid-cols-[12rem_minmax(0,1fr)] md:gap-y-8 md:px-8 md:py-12',
          wide ? 'max-w-6xl' : 'max-w-4xl',
        )}
      >
        <h1 className="text-2xl font-semibold tracking-tight md:col-span-2">{title}</h1>
        <div className="md:sticky md:top-6 md:self-start">
          <SectionTabs label={title} tabs={tabs} />
        </div>
        <div className="min-w-0 pb-10">
          <Suspense fallback={<PageSkeleton />}>
            <Outlet />
          </Suspense>
        </div>
      </div>
    </div>
  )
}
