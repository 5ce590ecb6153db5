import { useEffect, useState } from 'react'

const QUIET_MS = 2_000
const NEVER = {}

/** Whether nothing has changed for a while; `news` is what would change. */
export function useQuiet(news: unknown): boolean {
  const [quietAt, setQuietAt] = useState<unknown>(NEVER)
  useEffect(() => {
    const timer = setTimeout(() => setQuietAt(news), QUIET_MS)
    return () => clearTimeout(timer)
  }, [news])
  return quietAt === news
}
