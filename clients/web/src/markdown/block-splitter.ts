/**
 * Splits a text that grows into its blocks, and looks again only at the last ones.
 *
 * What comes later cannot change a block that has others behind it, so a text of any length costs
 * as much with each token as its last paragraphs.
 */

import type { Links } from 'marked'
import remend from 'remend'

import { blocksOf } from './parser'

export interface Blocks {
  readonly raws: readonly string[]
  readonly links: Links
}

// A list goes on after a blank line, so the last block alone is not enough.
const UNSETTLED = 2
const KNOWN_BY = 1_000

export class BlockSplitter {
  private settled: string[] = []
  private settledLength = 0
  /** The last characters before the unsettled blocks: by these a text is known again. */
  private settledEnd = ''
  private links: Links = {}

  /** Return the blocks of `text`; `growing`: there is more to come, and a last mark may be open. */
  split(text: string, growing: boolean): Blocks {
    const source = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
    if (!growing) {
      this.reset()
      const { blocks, links } = blocksOf(source)
      return { raws: blocks.map(({ raw }) => raw), links }
    }
    if (!this.isKnown(source)) this.reset()
    const tail = source.slice(this.settledLength)
    const { blocks, links } = blocksOf(tail)
    this.links = { ...this.links, ...links }
    const raws = blocks.map(({ raw }) => raw)
    this.settle(raws.slice(0, -UNSETTLED), source)
    const open = raws.slice(Math.max(0, raws.length - UNSETTLED))
    const last = open.pop()
    const shown = last === undefined ? open : [...open, completed(last)]
    return { raws: [...this.settled, ...shown], links: this.links }
  }

  private settle(raws: string[], source: string): void {
    for (const raw of raws) {
      this.settled.push(raw)
      this.settledLength += raw.length
    }
    if (raws.length === 0) return
    this.settledEnd = source.slice(Math.max(0, this.settledLength - KNOWN_BY), this.settledLength)
  }

  /** To compare everything would cost more with each token. */
  private isKnown(source: string): boolean {
    return source.startsWith(this.settledEnd, this.settledLength - this.settledEnd.length)
  }

  private reset(): void {
    this.settled = []
    this.settledLength = 0
    this.settledEnd = ''
    this.links = {}
  }
}

/** Close marks that are still open, so that `**bold` is bold before its end has come. */
function completed(raw: string): string {
  // In a fence nothing is a mark, and a long paragraph is not worth the search.
  if (/^ {0,3}(```|~~~)/.test(raw) || raw.length > 20_000) return raw
  return remend(raw, { linkMode: 'text-only' })
}
