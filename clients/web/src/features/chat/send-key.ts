import type { KeyboardEvent } from 'react'

/** Whether there is a finger instead of a mouse, and so most likely no real keyboard. */
export function isTouch(): boolean {
  return window.matchMedia('(pointer: coarse)').matches
}

/** Whether a key says that a message is finished. */
export function isSendKey({ key, shiftKey, ctrlKey, metaKey, nativeEvent }: KeyboardEvent) {
  // While an input method composes a word, Enter chooses it.
  if (key !== 'Enter' || shiftKey || nativeEvent.isComposing) return false
  // The keyboard on a screen has no other way to a new line.
  return ctrlKey || metaKey || !isTouch()
}
