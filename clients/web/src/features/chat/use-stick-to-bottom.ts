/** Keeps the end of what grows in sight, for as long as the reader stays there. */

import { useCallback, useEffect, useRef, useState, type RefObject } from 'react'

import { watchUpward } from './upward'

const NEAR_PX = 48
// Positions are rounded to parts of a pixel of the screen.
const MOVED_PX = 1

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
    let { scrollTop: top, scrollHeight: height } = box
    const goesUp = watchUpward(box, stop.signal)
    const onScroll = () => {
      const moved = box.scrollTop - top
      if (Math.abs(moved) < MOVED_PX) return
      const near = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX
      if (moved > 0 && near) stuck.current = true
      // What grows only pushes the end away, and what shrinks is told by the height: whoever goes
      // up otherwise is the reader, by hand, by key, or by a search in the page.
      if (moved < 0 && box.scrollHeight >= height) stuck.current = false
      note()
    }
    const note = () => {
      top = box.scrollTop
      height = box.scrollHeight
      setAtBottom(stuck.current)
    }
    const grown = new ResizeObserver(() => {
      if (stuck.current && !goesUp()) box.scrollTop = box.scrollHeight
      note()
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
