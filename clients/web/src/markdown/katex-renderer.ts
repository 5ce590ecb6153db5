/** Sets formulas. A chunk of its own, with its style: loaded with the first formula. */

import 'katex/dist/katex.min.css'

import katex from 'katex'

/** Put a formula into `target`. Its nodes are made one by one: our policy allows no inline style. */
export function renderFormula(tex: string, display: boolean, target: HTMLElement): void {
  katex.render(tex, target, {
    displayMode: display,
    throwOnError: false,
    errorColor: 'currentColor',
    trust: false,
    maxExpand: 1_000,
    maxSize: 20,
  })
}
