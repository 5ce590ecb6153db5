import { describe, expect, it } from 'vitest'

import { BlockSplitter } from './block-splitter'

const TEXT = `# A title

Some *text* with a [link][1] and \`code\`.
Its second line.

- one

- two
  - deeper

\`\`\`python
def f():

    return "**"
\`\`\`

| a | b |
|---|---|
| 1 | 2 |

$$
x^2
$$

1. first
2. second

[1]: https://example.org

The end 🌍 of *it*.
`

describe('BlockSplitter', () => {
  it('has the same blocks at the end, however the text grew', () => {
    const whole = new BlockSplitter().split(TEXT, false)
    for (const size of [1, 3, 17]) {
      const splitter = new BlockSplitter()
      for (let at = 0; at <= TEXT.length; at += size) splitter.split(TEXT.slice(0, at), true)
      const grown = splitter.split(TEXT, true)
      expect(grown.raws).toEqual(whole.raws)
      expect(grown.links).toEqual(whole.links)
    }
  })

  it('loses and adds nothing but closing marks', () => {
    const splitter = new BlockSplitter()
    for (let at = 0; at <= TEXT.length; at++) {
      const shown = splitter.split(TEXT.slice(0, at), true).raws
      const settled = shown.slice(0, -1).join('')
      expect(TEXT.startsWith(settled)).toBe(true)
    }
  })

  it('closes what is still open', () => {
    const split = (text: string) => new BlockSplitter().split(text, true).raws.at(-1)
    expect(split('so **bol')).toBe('so **bol**')
    expect(split('see [this](https://exa')).not.toContain('(')
  })

  it('looks only at the end of a long text', () => {
    const splitter = new BlockSplitter()
    const paragraph = `${'word '.repeat(60)}\n\n`
    let text = ''
    const grow = () => {
      const began = performance.now()
      for (let at = 0; at < 400; at++) {
        text += paragraph
        splitter.split(text, true)
      }
      return performance.now() - began
    }
    const [first, ...later] = Array.from({ length: 6 }, grow)
    // Looking at all of it each time, the last part takes eleven times as long as the first.
    expect(Math.min(...later.slice(-3))).toBeLessThan(5 * (first ?? 0))
  })

  it('begins anew with another text', () => {
    const splitter = new BlockSplitter()
    splitter.split('one\n\ntwo\n\nthree\n\nfour', true)
    expect(splitter.split('other', true).raws).toEqual(['other'])
  })
})
