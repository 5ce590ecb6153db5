/** Keeps the end of what grows in sight, for as long as the reader stays there. */

import { useCallback, useEffect, useRef, useState, type RefObject } from 'react'

import { watchIntent } from './reader-intent'

const NEAR_PX = 48

interface StickToBottom {
  scroller: RefObject<HTMLDivElement | null>
  content: RefObject<HTMLDivElement | null>
  atBottom: boolean
  toBottom: () => void
  /** Stay where the reader is led now. */
  leave: () => void
}

export function useStickToBottom(): StickToBottom {
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const stuck = useRef(true)
  const [atBottom, setAtBottom] = useState(true)

  const toBottom = useCallback(() => {
    stuck.current = true
    setAtBottom(true)
    const { current } = scroller
    if (current) current.scrollTop = current.scrollHeight
  }, [])

  useEffect(() => {
    const { current: box } = scroller
    const { current: inner } = content
    if (!box || !inner) return undefined
    const stop = new AbortController()
    const readerScrolls = watchIntent(box, stop.signal)
    const onScroll = () => {
      const near = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX
      if (near) stuck.current = true
      // What grows only pushes the end away; whoever leaves it does so by hand.
      else if (readerScrolls()) stuck.current = false
      setAtBottom(stuck.current)
    }
    const grown = new ResizeObserver(() => {
      if (stuck.current) box.scrollTop = box.scrollHeight
      else onScroll()
    })
    grown.observe(inner)
    grown.observe(box)
    box.addEventListener('scroll', onScroll, { passive: true, signal: stop.signal })
    return () => {
      grown.disconnect()
      stop.abort()
    }
  }, [])

  const leave = useCallback(() => {
    stuck.current = false
  }, [])

  return { scroller, content, atBottom, toBottom, leave }
}
