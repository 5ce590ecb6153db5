/** Markdown as tokens. Nothing here makes HTML: `token-view.tsx` makes React elements of tokens. */

import { Marked, type Links, type Token } from 'marked'

import { MATH_SYNTAX } from './math-syntax'

const marked = new Marked({
  gfm: true,
  breaks: false,
  extensions: MATH_SYNTAX,
  // HTML is the text that it is, and Markdown between its marks is Markdown; `false`: as usual.
  tokenizer: {
    html: () => undefined,
    tag: (source) => (/^<br\s*\/?>/i.test(source) ? false : undefined),
  },
})

/** Return the blocks of a text without looking into them; their `raw` joined is the text. */
export function blocksOf(text: string): { blocks: Token[]; links: Links } {
  const lexer = new marked.Lexer(marked.defaults)
  const blocks = lexer.blockTokens(text, [])
  return { blocks, links: lexer.tokens.links }
}

const KNOWN_BLOCKS = 2_000
const knownBlocks = new Map<string, Token[]>()

/** Like `tokensOf`, for texts that do not grow: what is scrolled out and in again is known. */
export function knownTokensOf(block: string, links: Links): Token[] {
  if (Object.keys(links).length > 0) return tokensOf(block, links)
  const known = knownBlocks.get(block)
  if (known) return known
  const tokens = tokensOf(block, links)
  // The oldest go first.
  for (const oldest of knownBlocks.keys()) {
    if (knownBlocks.size < KNOWN_BLOCKS) break
    knownBlocks.delete(oldest)
  }
  knownBlocks.set(block, tokens)
  return tokens
}

/** Return the tokens of one block; `links` are the text's definitions. */
export function tokensOf(block: string, links: Links): Token[] {
  const lexer = new marked.Lexer(marked.defaults)
  lexer.tokens.links = { ...links }
  return lexer.lex(block)
}
