/** The sentences of a text that grows, for those who listen to it. Pure. */

// A mark at the end of a sentence and a space behind it, or the end of a paragraph.
const END = /[.!?…。！？]["'”’)\]]*\s|\n\s*\n/g

/** Return what is finished beyond `from`, and where it ends. */
export function finishedSentences(text: string, from: number): { spoken: string; until: number } {
  let until = from
  END.lastIndex = from
  for (let match = END.exec(text); match !== null; match = END.exec(text)) {
    until = match.index + match[0].length
  }
  return { spoken: plain(text.slice(from, until)), until }
}

/** Marks of Markdown say nothing when they are read out. */
function plain(text: string): string {
  return text.replace(/[*_`#>|]+/g, '').trim()
}
