/** Tells scrolling by the reader from scrolling by what grows and is measured. */

// Wheels and fingers let a page roll on for a while.
const LASTS_MS = 1_500
const INTENTS = ['wheel', 'touchmove', 'keydown', 'pointerdown'] as const

/** Watch a scroller; the function that is returned tells whether its reader scrolls just now. */
export function watchIntent(box: HTMLElement, signal: AbortSignal): () => boolean {
  let until = 0
  let pressed = false
  const note = () => {
    until = performance.now() + LASTS_MS
  }
  for (const intent of INTENTS) box.addEventListener(intent, note, { passive: true, signal })
  // The scroll bar is held for as long as somebody likes.
  box.addEventListener('pointerdown', () => (pressed = true), { signal })
  window.addEventListener('pointerup', () => (pressed = false), { signal })
  return () => pressed || performance.now() < until
}
