import { Component, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { Button } from '@/components/ui/button'

interface State {
  failed: boolean
}

/** A fault of ours: says so and offers to begin anew. Drafts and replies are kept elsewhere. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { failed: false }

  static getDerivedStateFromError(): State {
    return { failed: true }
  }

  override render() {
    return this.state.failed ? <Broken /> : this.props.children
  }
}

function Broken() {
  const { t } = useTranslation('app')
  return (
    <main className="grid h-full place-items-center p-6 text-center">
      <div className="grid justify-items-center gap-4">
        <h1 className="text-xl font-semibold">{t('broken')}</h1>
        <p className="text-muted-foreground">{t('brokenHint')}</p>
        <Button onClick={() => window.location.reload()}>{t('reload')}</Button>
      </div>
    </main>
  )
}
