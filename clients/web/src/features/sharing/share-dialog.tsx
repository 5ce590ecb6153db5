import { GlobeIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'

import type { Conversation } from '@/api/types'
import { CopyButton } from '@/components/copy-button'
import { ErrorNote } from '@/components/error-note'
import { Button } from '@/components/ui/button'
import {
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from '@/components/ui/dialog'
import { Input } from '@/components/ui/input'
import { Spinner } from '@/components/ui/spinner'

import { shareLink } from './share-link'
import { useShare } from './use-share'

interface ShareDialogProps {
  conversation: Conversation
  leafId: string | undefined
}

export default function ShareDialog({ conversation, leafId }: ShareDialogProps) {
  const { t } = useTranslation('sharing')
  const { make, end } = useShare(conversation.conversation_id)
  const busy = make.isPending || end.isPending
  const error = make.error ?? end.error
  const path = conversation.share_path
  const makeLink = () => {
    end.reset()
    make.mutate(leafId)
  }
  return (
    <DialogContent>
      <DialogHeader>
        <DialogTitle>{t('title')}</DialogTitle>
        <DialogDescription>{t('about')}</DialogDescription>
      </DialogHeader>
      {path !== null && <PublicLink link={shareLink(path, window.location.origin)} />}
      {path === null && end.isSuccess && (
        <p role="status" className="text-sm text-muted-foreground">
          {t('ended')}
        </p>
      )}
      {error !== null && <ErrorNote error={error} />}
      <DialogFooter>
        {path !== null && (
          <Button
            variant="outline"
            disabled={busy}
            className="text-destructive"
            onClick={() => {
              make.reset()
              end.mutate()
            }}
          >
            {t('revoke')}
          </Button>
        )}
        <Button
          variant={path === null ? 'default' : 'outline'}
          disabled={busy}
          title={path === null ? undefined : t('againHint')}
          onClick={makeLink}
        >
          {busy && <Spinner />}
          {path === null ? t('make') : t('again')}
        </Button>
      </DialogFooter>
    </DialogContent>
  )
}

function PublicLink({ link }: { link: string }) {
  const { t } = useTranslation('sharing')
  return (
    <div className="grid min-w-0 gap-2 rounded-xl bg-muted p-3">
      <p role="status" className="flex items-center gap-2 text-sm font-medium">
        <GlobeIcon aria-hidden className="size-4 text-primary" />
        {t('isPublic')}
      </p>
      <div className="flex items-center gap-1">
        <Input
          readOnly
          aria-label={t('link')}
          value={link}
          onFocus={(event) => event.target.select()}
        />
        <CopyButton text={link} />
      </div>
    </div>
  )
}
