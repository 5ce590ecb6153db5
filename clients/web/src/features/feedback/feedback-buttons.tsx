import { ThumbsDownIcon, ThumbsUpIcon } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { Feedback, Message } from '@/api/types'
import { cn } from '@/components/class-names'
import { Button } from '@/components/ui/button'
import { Popover, PopoverAnchor } from '@/components/ui/popover'

import { useFeedback } from './use-feedback'

const ReasonForm = lazy(() => import('./reason-form'))

type Rating = Feedback['rating']
const ICONS = { up: ThumbsUpIcon, down: ThumbsDownIcon } as const

interface FeedbackButtonsProps {
  conversationId: string
  message: Message
}

/** Thumbs up and down; a second click takes it back. Why is asked, and need not be said. */
export function FeedbackButtons({ conversationId, message }: FeedbackButtonsProps) {
  const { mutate } = useFeedback(conversationId)
  const [asking, setAsking] = useState(false)
  const { message_id: messageId, feedback } = message
  const give = (next: Feedback | null) => mutate({ messageId, feedback: next })
  const press = (rating: Rating) => {
    const takenBack = feedback?.rating === rating
    give(takenBack ? null : { rating, reason: '' })
    setAsking(!takenBack)
  }
  return (
    <Popover open={asking && feedback !== null} onOpenChange={setAsking}>
      <PopoverAnchor asChild>
        <div className="flex">
          <RatingButton rating="up" given={feedback?.rating} press={press} />
          <RatingButton rating="down" given={feedback?.rating} press={press} />
        </div>
      </PopoverAnchor>
      {asking && feedback !== null && (
        <Suspense>
          <ReasonForm
            feedback={feedback}
            save={(reason) => {
              give({ ...feedback, reason })
              setAsking(false)
            }}
          />
        </Suspense>
      )}
    </Popover>
  )
}

interface RatingButtonProps {
  rating: Rating
  given: Rating | undefined
  press: (rating: Rating) => void
}

function RatingButton({ rating, given, press }: RatingButtonProps) {
  const { t } = useTranslation('feedback')
  const Icon = ICONS[rating]
  const pressed = given === rating
  return (
    <Button
      size="icon-sm"
      variant="ghost"
      aria-label={t(rating)}
      title={pressed ? t('takeBack') : t(rating)}
      aria-pressed={pressed}
      onClick={() => press(rating)}
    >
      <Icon className={cn(pressed && 'fill-primary/25 text-primary')} />
    </Button>
  )
}
