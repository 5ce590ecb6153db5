import './markdown.css'
import './code-colours.css'

import type { Links } from 'marked'
import { memo, useMemo, useState } from 'react'

import { BlockSplitter } from './block-splitter'
import { knownTokensOf, tokensOf } from './parser'
import { TokensView } from './token-view'

interface MarkdownProps {
  text: string
  /** It is being written: only its end changes. */
  growing?: boolean
}

// Nobody writes such a paragraph; to look for marks in it takes seconds.
const LONGEST_PARAGRAPH = 50_000

export const Markdown = memo(function Markdown({ text, growing = false }: MarkdownProps) {
  const [splitter] = useState(() => new BlockSplitter())
  // Asked again with the same text it gives the same blocks, so rendering twice does no harm.
  const { raws, links } = useMemo(() => splitter.split(text, growing), [splitter, text, growing])
  return (
    <div className="markdown" dir="auto">
      {raws.map((raw, index) => (
        <Block key={index} raw={raw} links={links} growing={growing && index === raws.length - 1} />
      ))}
    </div>
  )
})

interface BlockProps {
  raw: string
  links: Links
  /** The next text of it is another one. */
  growing: boolean
}

const Block = memo(
  function Block({ raw, links, growing }: BlockProps) {
    if (raw.length > LONGEST_PARAGRAPH && !/^ {0,3}(```|~~~)/.test(raw)) {
      return <p className="whitespace-pre-wrap">{raw}</p>
    }
    return <TokensView tokens={(growing ? tokensOf : knownTokensOf)(raw, links)} />
  },
  (before, after) => before.raw === after.raw && sameLinks(before.links, after.links),
)

function sameLinks(before: Links, after: Links): boolean {
  return before === after || Object.keys(before).length === Object.keys(after).length
}
