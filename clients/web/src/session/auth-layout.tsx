import type { ReactNode } from 'react'

import { Logo } from '@/components/logo'
import { usePageTitle } from '@/components/use-page-title'

interface AuthLayoutProps {
  title: string
  subtitle: string
  children: ReactNode
  footer: ReactNode
}

/** The frame of the pages that nobody needs a session for. */
export function AuthLayout({ title, subtitle, children, footer }: AuthLayoutProps) {
  usePageTitle(title)
  return (
    <main className="grid min-h-full place-items-center overflow-y-auto bg-sidebar px-4 py-10">
      <div className="w-full max-w-sm">
        <div className="mb-7 grid justify-items-center gap-3 text-center">
          <Logo className="size-11" />
          <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
          <p className="text-sm text-balance text-muted-foreground">{subtitle}</p>
        </div>
        <div className="rounded-2xl border bg-card p-6 shadow-sm">{children}</div>
        <p className="mt-5 text-center text-sm text-muted-foreground">{footer}</p>
      </div>
    </main>
  )
}
