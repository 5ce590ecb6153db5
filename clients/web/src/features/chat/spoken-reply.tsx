import { useEffect, useState } from 'react'

import { useLatest } from '@/components/use-latest'

import { finishedSentences } from './sentences'

// A screen reader that is given more at once drops what it has not said yet.
const EVERY_MS = 1_500

interface SpokenReplyProps {
  text: string
  /** What is left is a sentence, finished or not. */
  ended: boolean
}

/** Lets a screen reader hear a reply in finished sentences, not in tokens. */
export function SpokenReply({ text, ended }: SpokenReplyProps) {
  const [said, setSaid] = useState({ spoken: '', until: text.length })
  const latest = useLatest(text)
  useEffect(() => {
    const say = () => {
      const now = ended ? `${latest()}\n\n` : latest()
      setSaid((before) => {
        const next = finishedSentences(now, Math.min(before.until, now.length))
        return next.until > before.until ? next : before
      })
    }
    const timer = ended ? setTimeout(say, 0) : setInterval(say, EVERY_MS)
    return () => clearTimeout(timer)
  }, [ended, latest])
  return (
    <div aria-live="polite" className="sr-only">
      {said.spoken}
    </div>
  )
}
