import { ChevronLeftIcon, ChevronRightIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'

import { Button } from '@/components/ui/button'

export interface SiblingProps {
  id: string
  siblings: readonly string[]
  choose: (messageId: string) => void
}

/** Goes through the versions of one message. */
export function SiblingSwitcher({ id, siblings, choose }: SiblingProps) {
  const { t } = useTranslation('chat')
  if (siblings.length < 2) return null
  const index = siblings.indexOf(id)
  const step = (label: string, to: string | undefined, icon: React.ReactNode) => (
    <Button
      size="icon-sm"
      variant="ghost"
      aria-label={label}
      disabled={to === undefined}
      onClick={() => {
        if (to !== undefined) choose(to)
      }}
    >
      {icon}
    </Button>
  )
  return (
    <div className="flex items-center text-sm tabular-nums">
      {step(t('previousVersion'), siblings[index - 1], <ChevronLeftIcon />)}
      <span>
        {index + 1}/{siblings.length}
      </span>
      {step(t('nextVersion'), siblings[index + 1], <ChevronRightIcon />)}
    </div>
  )
}
