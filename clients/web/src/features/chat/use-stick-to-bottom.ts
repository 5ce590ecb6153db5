/** Keeps the end of what grows in sight, for as long as the reader stays there. */

import { useCallback, useEffect, useRef, useState, type RefObject } from 'react'

const NEAR_PX = 48

interface StickToBottom {
  scroller: RefObject<HTMLDivElement | null>
  content: RefObject<HTMLDivElement | null>
  atBottom: boolean
  toBottom: (behavior?: ScrollBehavior) => void
}

export function useStickToBottom(): StickToBottom {
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const stuck = useRef(true)
  const lastTop = useRef(0)
  const [atBottom, setAtBottom] = useState(true)

  const toBottom = useCallback((behavior: ScrollBehavior = 'instant') => {
    stuck.current = true
    setAtBottom(true)
    const { current } = scroller
    current?.scrollTo({ top: current.scrollHeight, behavior })
  }, [])

  useEffect(() => {
    const { current: box } = scroller
    const { current: inner } = content
    if (!box || !inner) return undefined
    const onScroll = () => {
      const near = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX
      // Only the reader scrolls up; what grows only pushes the end away.
      if (near) stuck.current = true
      else if (box.scrollTop < lastTop.current - 1) stuck.current = false
      lastTop.current = box.scrollTop
      setAtBottom(near || stuck.current)
    }
    const grown = new ResizeObserver(() => {
      if (stuck.current) box.scrollTop = box.scrollHeight
      else onScroll()
    })
    grown.observe(inner)
    grown.observe(box)
    box.addEventListener('scroll', onScroll, { passive: true })
    return () => {
      grown.disconnect()
      box.removeEventListener('scroll', onScroll)
    }
  }, [])

  return { scroller, content, atBottom, toBottom }
}
