/** Sets formulas. A chunk of its own, with its style: loaded with the first formula. */

import 'katex/dist/katex.min.css'

import katex from 'katex'

/**
 * Put a formula into `target`; one that is wrong, or not complete yet, is shown as it was written.
 *
 * Its nodes are made one by one: our policy allows no inline style, which KaTeX's own way to show an
 * error has.
 */
export function renderFormula(tex: string, display: boolean, target: HTMLElement): void {
  try {
    katex.render(tex, target, {
      displayMode: display,
      throwOnError: true,
      trust: false,
      maxExpand: 1_000,
      maxSize: 20,
    })
  } catch {
    // Not only its `ParseError`: it recurses, and formulas may be nested without end.
    target.textContent = tex
  }
}
