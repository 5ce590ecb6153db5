/** Notices that a reader is about to scroll up, before anything has moved. */

const KEYS = new Set(['ArrowUp', 'PageUp', 'Home'])
// A browser scrolls smoothly, and begins with parts of a pixel.
const BEGINS_WITHIN_MS = 300

/** Watch a scroller; the function that is returned tells whether its reader goes up just now. */
export function watchUpward(box: HTMLElement, signal: AbortSignal): () => boolean {
  let until = 0
  let pressed = false
  const note = () => {
    until = performance.now() + BEGINS_WITHIN_MS
  }
  const options = { passive: true, signal }
  box.addEventListener('wheel', ({ deltaY }) => deltaY < 0 && note(), options)
  box.addEventListener('touchmove', note, options)
  // The keyboard scrolls what was clicked last, wherever it is.
  window.addEventListener('keydown', (event) => leadsUp(event) && note(), options)
  // The scroll bar is held for as long as somebody likes.
  box.addEventListener('pointerdown', ({ target }) => (pressed = target === box), options)
  window.addEventListener('pointerup', () => (pressed = false), options)
  return () => pressed || performance.now() < until
}

function leadsUp({ key, shiftKey, target }: KeyboardEvent): boolean {
  // Whoever writes moves within what is written.
  if (target instanceof HTMLElement && target.matches('input, textarea')) return false
  return KEYS.has(key) || (key === ' ' && shiftKey)
}
