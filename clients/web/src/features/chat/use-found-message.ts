/** The message that somebody came for: a search leads to `?message=`. */

import { useEffect, useRef } from 'react'
import { useLocation, useSearchParams } from 'react-router'

import type { Message } from '@/api/types'

import type { ShownMessage } from './message-tree'

interface FoundMessage {
  /** Its place in the branch; `undefined`: nobody came for one, or it is not there. */
  readonly index: number | undefined
  /** Changes whenever somebody comes once more. */
  readonly visit: string
}

/** Return its place; first chooses the branch in which it stands. */
export function useFoundMessage(
  messages: readonly Message[],
  branch: readonly ShownMessage[],
  choose: (messageId: string) => void,
): FoundMessage {
  const [query] = useSearchParams()
  const { key } = useLocation()
  const chosenAt = useRef<string>(undefined)
  const wanted = query.get('message')
  const index = branch.findIndex(({ message }) => message.message_id === wanted)
  const elsewhere =
    index < 0 && messages.some(({ message_id }) => message_id === wanted) ? wanted : null
  useEffect(() => {
    // Once: whoever then looks at another branch is not brought back.
    if (elsewhere === null || chosenAt.current === key) return
    chosenAt.current = key
    choose(elsewhere)
  }, [elsewhere, key, choose])
  return { index: index < 0 ? undefined : index, visit: key }
}
