import { ShareIcon } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { Conversation } from '@/api/types'
import { cn } from '@/components/class-names'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'

const ShareDialog = lazy(() => import('./share-dialog'))

interface ShareButtonProps {
  conversation: Conversation
  /** The last message that is shown. */
  leafId: string | undefined
}

export function ShareButton({ conversation, leafId }: ShareButtonProps) {
  const { t } = useTranslation('sharing')
  const [open, setOpen] = useState(false)
  const isPublic = conversation.share_path !== null
  return (
    <>
      <Button
        variant="ghost"
        size="sm"
        aria-label={isPublic ? `${t('share')}: ${t('isPublic')}` : t('share')}
        className="relative px-2.5 text-muted-foreground"
        onClick={() => setOpen(true)}
      >
        <ShareIcon className={cn(isPublic && 'text-primary')} />
        <span className="hidden sm:inline">{t('share')}</span>
      </Button>
      <Dialog open={open} onOpenChange={setOpen}>
        {open && (
          <Suspense>
            <ShareDialog conversation={conversation} leafId={leafId} />
          </Suspense>
        )}
      </Dialog>
    </>
  )
}
