import { SlidersHorizontalIcon } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { Conversation } from '@/api/types'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { Tooltip } from '@/components/ui/tooltip'

import { isTuned } from './tuning-form'
import { tuningOfConversation, useNewTuning } from './use-tuning'

const TuningDialog = lazy(() => import('./tuning-dialog'))

interface TuningButtonProps {
  /** Absent: it is for the one that is begun next. */
  conversation: Conversation | undefined
  temporary: boolean
}

/** Opens the instructions and parameters; a dot says that they are not the defaults. */
export function TuningButton({ conversation, temporary }: TuningButtonProps) {
  const { t } = useTranslation('tuning')
  const [open, setOpen] = useState(false)
  const forNew = useNewTuning(({ tuning }) => tuning)
  const tuning = conversation ? tuningOfConversation(conversation) : forNew
  const label = isTuned(tuning) ? t('buttonTuned') : t('button')
  return (
    <>
      <Tooltip label={label}>
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={label}
          className="relative text-muted-foreground"
          onClick={() => setOpen(true)}
        >
          <SlidersHorizontalIcon />
          {isTuned(tuning) && (
            <span
              aria-hidden
              className="absolute top-1 right-1 size-2 rounded-full bg-primary ring-2 ring-card"
            />
          )}
        </Button>
      </Tooltip>
      <Dialog open={open} onOpenChange={setOpen}>
        {open && (
          <Suspense>
            <TuningDialog
              conversation={conversation}
              tuning={tuning}
              temporary={temporary}
              close={() => setOpen(false)}
            />
          </Suspense>
        )}
      </Dialog>
    </>
  )
}
