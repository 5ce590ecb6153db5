import { XIcon } from 'lucide-react'
import { Toast as Primitive } from 'radix-ui'
import { useTranslation } from 'react-i18next'
import { create } from 'zustand'

import { cn } from '@/components/class-names'

import { Button } from './button'

interface Toast {
  readonly id: number
  readonly text: string
  readonly tone: 'neutral' | 'error'
  readonly action?: { label: string; run: () => void } | undefined
  /** Called once it has gone without its action. */
  readonly gone?: (() => void) | undefined
}

const useToasts = create<{ toasts: readonly Toast[] }>()(() => ({ toasts: [] }))
let nextId = 1

/** Say something in passing, from anywhere. */
export function toast(
  text: string,
  options: Partial<Pick<Toast, 'tone' | 'action' | 'gone'>> = {},
): void {
  const shown: Toast = { id: nextId++, text, tone: 'neutral', ...options }
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts, shown] }))
}

function remove(toast: Toast): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter(({ id }) => id !== toast.id) }))
}

function ToastItem({ toast }: { toast: Toast }) {
  const { t } = useTranslation('app')
  const close = () => {
    remove(toast)
    toast.gone?.()
  }
  const act = () => {
    remove(toast)
    toast.action?.run()
    // The button has gone; what it changed is in the page.
    document.getElementById('content')?.focus()
  }
  return (
    <Primitive.Root
      type={toast.tone === 'error' ? 'foreground' : 'background'}
      duration={toast.action ? 7_000 : 5_000}
      onOpenChange={(open) => {
        if (!open) close()
      }}
      className={cn(
        'flex items-center gap-3 rounded-xl border bg-popover py-2.5 pr-2 pl-4 text-sm text-popover-foreground shadow-lg transition duration-150 starting:-translate-y-2 starting:opacity-0',
        toast.tone === 'error' && 'border-destructive/50',
      )}
    >
      <Primitive.Description className="min-w-0 flex-1 break-words">
        {toast.text}
      </Primitive.Description>
      {toast.action && (
        <Button size="sm" variant="secondary" onClick={act}>
          {toast.action.label}
        </Button>
      )}
      <Button size="icon-sm" variant="ghost" aria-label={t('close')} onClick={close}>
        <XIcon />
      </Button>
    </Primitive.Root>
  )
}

export function Toaster() {
  const { t } = useTranslation('app')
  const toasts = useToasts((state) => state.toasts)
  return (
    <Primitive.Provider swipeDirection="right" label={t('notification')}>
      {toasts.map((toast) => (
        <ToastItem key={toast.id} toast={toast} />
      ))}
      <Primitive.Viewport
        label={t('notifications')}
        className="fixed top-12 right-0 z-60 grid w-96 max-w-full gap-2 p-4 outline-none"
      />
    </Primitive.Provider>
  )
}
