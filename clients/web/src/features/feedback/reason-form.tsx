import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { Feedback } from '@/api/types'
import { Button } from '@/components/ui/button'
import { PopoverClose, PopoverContent } from '@/components/ui/popover'
import { Textarea } from '@/components/ui/textarea'

interface ReasonFormProps {
  feedback: Feedback
  save: (reason: string) => void
}

const LONGEST = 2_000

/** Asks why an answer is good or bad. The rating is kept already, whatever is done here. */
export default function ReasonForm({ feedback, save }: ReasonFormProps) {
  const { t } = useTranslation('feedback')
  const [reason, setReason] = useState(feedback.reason)
  const title = feedback.rating === 'up' ? t('whyUp') : t('whyDown')
  return (
    <PopoverContent align="start" aria-label={title}>
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          save(reason.trim())
        }}
      >
        <div>
          <p className="text-sm font-medium">{title}</p>
          <p className="text-xs text-muted-foreground">{t('kept')}</p>
        </div>
        <Textarea
          autoFocus
          rows={3}
          maxLength={LONGEST}
          aria-label={title}
          placeholder={t('placeholder')}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        <div className="flex justify-end gap-2">
          <PopoverClose asChild>
            <Button variant="ghost" size="sm">
              {t('skip')}
            </Button>
          </PopoverClose>
          <Button type="submit" size="sm" disabled={reason.trim() === ''}>
            {t('save')}
          </Button>
        </div>
      </form>
    </PopoverContent>
  )
}
