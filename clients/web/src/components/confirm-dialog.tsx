import { AlertDialog } from 'radix-ui'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { ErrorNote } from './error-note'
import { Button } from './ui/button'
import { Spinner } from './ui/spinner'

interface ConfirmDialogProps {
  open: boolean
  close: () => void
  title: string
  description: string
  /** What the button that does it says. */
  action: string
  /** Does it; the dialog stays open while that takes, and says so if it fails. */
  run: () => Promise<unknown>
  /** Without it, `run` shows something else in its place. */
  closesItself?: boolean
  /** Whether everything that is asked for has been given. */
  ready?: boolean
  children?: ReactNode
}

/** Asks once more before something that cannot be undone. */
export function ConfirmDialog({ open, close, ...rest }: ConfirmDialogProps) {
  return (
    <AlertDialog.Root open={open} onOpenChange={(wanted) => wanted || close()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-50 bg-black/45 transition-opacity duration-150 starting:opacity-0" />
        <AlertDialog.Content className="fixed top-1/2 left-1/2 z-50 grid max-h-[90dvh] w-[calc(100%-2rem)] max-w-md -translate-x-1/2 -translate-y-1/2 gap-4 overflow-y-auto rounded-2xl border bg-card p-6 text-card-foreground shadow-xl transition duration-150 outline-none starting:scale-95 starting:opacity-0">
          <Question close={close} {...rest} />
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}

function Question({
  close,
  title,
  description,
  action,
  run,
  ready = true,
  closesItself = true,
  children,
}: Omit<ConfirmDialogProps, 'open'>) {
  const { t } = useTranslation('app')
  const [running, setRunning] = useState(false)
  const [error, setError] = useState<unknown>()
  const confirm = () => {
    setRunning(true)
    setError(undefined)
    run()
      .then(closesItself ? close : undefined, setError)
      .finally(() => setRunning(false))
  }
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (ready && !running) confirm()
      }}
    >
      <div className="grid gap-1.5">
        <AlertDialog.Title className="text-lg font-semibold">{title}</AlertDialog.Title>
        <AlertDialog.Description className="text-sm text-muted-foreground">
          {description}
        </AlertDialog.Description>
      </div>
      {error !== undefined && <ErrorNote error={error} />}
      {children}
      <div className="flex flex-wrap justify-end gap-2">
        <AlertDialog.Cancel asChild>
          <Button variant="outline">{t('cancel')}</Button>
        </AlertDialog.Cancel>
        <Button type="submit" variant="destructive" disabled={!ready || running}>
          {running && <Spinner />}
          {action}
        </Button>
      </div>
    </form>
  )
}
