import { useEffect, useRef, useState, type ReactNode } from 'react'

interface NearViewProps {
  /** Stands there until the reader comes near: quick to show, and found by the browser's search. */
  fallback: string
  children: ReactNode
}

// A screen or two ahead of the reader.
const MARGIN = '1500px 0px'

/** Shows something costly only once it is near what is seen: a conversation may be very long. */
export function NearView({ fallback, children }: NearViewProps) {
  const place = useRef<HTMLDivElement>(null)
  const [near, setNear] = useState(false)
  useEffect(() => {
    if (near || !place.current) return undefined
    const watch = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) setNear(true)
      },
      { rootMargin: MARGIN, root: place.current.closest('[data-scroller]') },
    )
    watch.observe(place.current)
    return () => watch.disconnect()
  }, [near])
  if (near) return children
  return (
    <div ref={place} className="leading-relaxed whitespace-pre-wrap">
      {fallback}
    </div>
  )
}
