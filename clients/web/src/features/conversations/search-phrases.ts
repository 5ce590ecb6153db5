/** What a search looks for, and where it stands in a text. Pure; as the server has it. */

const TERM = /"([^"]*)"?|(\S+)/g
const WORD = /[\p{L}\p{N}_]/u

export interface Part {
  readonly text: string
  readonly found: boolean
}

/** Return the words and quoted phrases of a search. */
export function phrasesOf(search: string): string[] {
  const terms = [...search.matchAll(TERM)].map(([, quoted, word]) => quoted ?? word ?? '')
  return terms
    .map((term) => term.replaceAll('"', ' ').split(/\s+/).filter(Boolean).join(' '))
    .filter((term) => WORD.test(term))
}

/** Return a text in pieces: those that were looked for, and what stands between them. */
export function highlighted(text: string, phrases: readonly string[]): Part[] {
  const longestFirst = phrases.toSorted((a, b) => b.length - a.length).map(patternOf)
  if (longestFirst.length === 0) return [{ text, found: false }]
  // Whole words only: that is what is searched for.
  const pattern = new RegExp(
    `(?<![\\p{L}\\p{N}_])(?:${longestFirst.join('|')})(?![\\p{L}\\p{N}_])`,
    'giu',
  )
  const parts: Part[] = []
  let end = 0
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) parts.push({ text: text.slice(end, match.index), found: false })
    parts.push({ text: match[0], found: true })
    end = match.index + match[0].length
  }
  if (end < text.length) parts.push({ text: text.slice(end), found: false })
  return parts
}

/** In a text a phrase may go over the end of a line. */
function patternOf(phrase: string): string {
  return phrase
    .split(' ')
    .map((word) => word.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('\\s+')
}
