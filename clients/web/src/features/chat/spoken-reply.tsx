import { useEffect, useState } from 'react'

import { finishedSentences } from './sentences'

// A screen reader that is given more at once drops what it has not said yet.
const EVERY_MS = 1_500

/** Lets a screen reader hear a reply in finished sentences, not in tokens. */
export function SpokenReply({ text, ended }: { text: string; ended: boolean }) {
  const [said, setSaid] = useState({ spoken: '', until: text.length })
  useEffect(() => {
    const timer = setTimeout(
      () => {
        setSaid((before) => {
          const rest = ended ? `${text}\n\n` : text
          const next = finishedSentences(rest, Math.min(before.until, rest.length))
          return next.until > before.until ? next : before
        })
      },
      ended ? 0 : EVERY_MS,
    )
    return () => clearTimeout(timer)
  }, [text, ended])
  return (
    <div aria-live="polite" className="sr-only">
      {said.spoken}
    </div>
  )
}
