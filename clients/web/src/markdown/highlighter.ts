/** Colours code. A chunk of its own: loaded with the first block of code that somebody sees. */

import { common, createLowlight } from 'lowlight'

type Tree = ReturnType<ReturnType<typeof createLowlight>['highlight']>
export type HighlightedNode = Tree['children'][number]

const lowlight = createLowlight(common)

/** Return the coloured pieces; `undefined` for a language that is not known. */
export function highlight(code: string, language: string): HighlightedNode[] | undefined {
  if (!lowlight.registered(language)) return undefined
  return lowlight.highlight(language, code).children
}
