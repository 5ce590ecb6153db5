import { CircleAlertIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'

import { useErrorSentence } from '@/api/use-error-sentence'

import { Button } from './ui/button'

interface ErrorNoteProps {
  error: unknown
  retry?: () => void
}

/** What went wrong, as a sentence, and a way on. */
export function ErrorNote({ error, retry }: ErrorNoteProps) {
  const { t } = useTranslation('app')
  const sentence = useErrorSentence()(error)
  return (
    <div
      role="alert"
      className="flex items-start gap-2.5 rounded-lg border border-destructive/40 bg-destructive/5 px-3.5 py-3 text-sm"
    >
      <CircleAlertIcon aria-hidden className="mt-0.5 size-4 shrink-0 text-destructive" />
      <div className="grid flex-1 justify-items-start gap-2">
        <p>{sentence}</p>
        {retry && (
          <Button size="sm" variant="outline" onClick={retry}>
            {t('tryAgain')}
          </Button>
        )}
      </div>
    </div>
  )
}
