/**
 * Collects what is to be shown and shows it once a frame.
 *
 * Tokens may come faster than anybody can look. The longer a text is the more it costs to show, so
 * a long one is shown less often: at 10,000 characters there is time for each frame, at 100,000 for
 * every sixth.
 */

const LONGEST_PAUSE_MS = 100
const CHARACTERS_PER_MS = 1_000

export class FrameBatch<Item> {
  private readonly waiting = new Map<string, Item>()
  private scheduled = false
  private shownAt = 0

  constructor(
    private readonly lengthOf: (item: Item) => number,
    private readonly show: (items: Readonly<Record<string, Item>>) => void,
  ) {}

  /** Show this in a moment; what has waited under the same name is out of date. */
  put(name: string, item: Item): void {
    this.waiting.set(name, item)
    if (this.scheduled) return
    this.scheduled = true
    const pause = Math.min(LONGEST_PAUSE_MS, this.lengthOf(item) / CHARACTERS_PER_MS)
    const wait = Math.max(0, this.shownAt + pause - performance.now())
    setTimeout(() => {
      // A tab in the background gets no frames, and needs none.
      if (document.hidden) this.flush()
      else requestAnimationFrame(() => this.flush())
    }, wait)
  }

  /** Show what waits now. */
  flush(): void {
    this.scheduled = false
    if (this.waiting.size === 0) return
    this.shownAt = performance.now()
    const items = Object.fromEntries(this.waiting)
    this.waiting.clear()
    this.show(items)
  }

  drop(name: string): void {
    this.waiting.delete(name)
  }

  clear(): void {
    this.waiting.clear()
  }
}
