import { ChevronLeftIcon, ChevronRightIcon } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'

import { Button } from '@/components/ui/button'

export interface SiblingProps {
  id: string
  siblings: readonly string[]
  choose: (messageId: string) => void
}

// The version that was chosen last, and by which button: its message comes with buttons of its own.
let chosen: { id: string; button: number } | undefined

/** Goes through the versions of one message. */
export function SiblingSwitcher({ id, siblings, choose }: SiblingProps) {
  const { t } = useTranslation('chat')
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (chosen?.id !== id) return
    place.current?.querySelectorAll('button')[chosen.button]?.focus()
    chosen = undefined
  }, [id])
  if (siblings.length < 2) return null
  const index = siblings.indexOf(id)
  const step = (button: number, to: string | undefined, icon: React.ReactNode) => (
    <Button
      size="icon-sm"
      variant="ghost"
      aria-label={button === 0 ? t('previousVersion') : t('nextVersion')}
      // Not `disabled`, by which the keyboard would lose its place at the first and the last one.
      aria-disabled={to === undefined}
      className="aria-disabled:opacity-50"
      onClick={() => {
        if (to === undefined) return
        chosen = { id: to, button }
        choose(to)
      }}
    >
      {icon}
    </Button>
  )
  return (
    <div ref={place} className="flex items-center text-sm tabular-nums">
      {step(0, siblings[index - 1], <ChevronLeftIcon />)}
      <span>
        {index + 1}/{siblings.length}
      </span>
      {step(1, siblings[index + 1], <ChevronRightIcon />)}
    </div>
  )
}
