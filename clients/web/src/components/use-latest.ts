import { useCallback, useEffect, useRef } from 'react'

/** Return a function that stays the same and gives what was passed last. */
export function useLatest<Value>(value: Value): () => Value {
  const latest = useRef(value)
  useEffect(() => {
    latest.current = value
  })
  return useCallback(() => latest.current, [])
}
