import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, Navigate, useLocation } from 'react-router'

import type { Erasure } from '@/api/types'
import { Logo } from '@/components/logo'
import { Button } from '@/components/ui/button'
import { useSession } from '@/session/session-store'

import { ErasureReport } from './erasure-report'

/** Says what was erased with an account, to somebody who has none any more. */
export default function GoodbyePage() {
  const { t } = useTranslation('settings')
  const report = useLocation().state as Erasure | null
  useEffect(() => {
    if (report) useSession.getState().signedOut()
  }, [report])
  if (!report) return <Navigate to="/" replace />
  return (
    <main className="grid min-h-full place-items-center overflow-y-auto bg-sidebar px-4 py-10">
      <div className="grid w-full max-w-sm justify-items-center gap-5 text-center">
        <Logo className="size-11" />
        <h1 className="text-2xl font-semibold tracking-tight">{t('erase.done')}</h1>
        {report.status === 'erased' && (
          <p className="text-sm text-muted-foreground">{t('erase.removed')}</p>
        )}
        <ErasureReport report={report} />
        <Button asChild variant="outline">
          <Link to="/login">{t('erase.toSignIn')}</Link>
        </Button>
      </div>
    </main>
  )
}
