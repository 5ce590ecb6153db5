import { useEffect, useRef, useState, type RefObject } from 'react'

/** Return how wide an element is, as it changes. */
export function useWidth(): [RefObject<HTMLDivElement | null>, number] {
  const box = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  useEffect(() => {
    if (!box.current) return undefined
    const resized = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.floor(entry.contentRect.width))
    })
    resized.observe(box.current)
    return () => resized.disconnect()
  }, [])
  return [box, width]
}
