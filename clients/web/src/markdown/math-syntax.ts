/** TeX in Markdown: `$x$`, `\(x\)`, `$$x$$` and `\[x\]`. Pure. */

import type { TokenizerAndRendererExtension, Tokens } from 'marked'

export interface MathToken extends Tokens.Generic {
  readonly type: 'math'
  readonly tex: string
  readonly display: boolean
}

// A dollar is more often money: no space inside, and no digit behind.
const INLINE = /^(?:\$(?![\s$])((?:\\.|[^\\\n$])+?)(?<!\s)\$(?!\d)|\\\(([^\n]+?)\\\))/
const DISPLAY = /^ {0,3}(?:\$\$([\s\S]+?)\$\$|\\\[([\s\S]+?)\\\])[ \t]*(?:\n|$)/
const DISPLAY_IN_TEXT = /^(?:\$\$([^\n$]+?)\$\$|\\\[([^\n]+?)\\\])/

function rule(
  name: string,
  level: 'block' | 'inline',
  pattern: RegExp,
  begin: RegExp,
  display: boolean,
): TokenizerAndRendererExtension {
  return {
    name,
    level,
    start: (source) => {
      const at = source.search(begin)
      return at < 0 ? undefined : at
    },
    tokenizer: (source) => {
      const match = pattern.exec(source)
      const tex = match?.[1] ?? match?.[2]
      if (!match || tex === undefined) return undefined
      return { type: 'math', raw: match[0], tex: tex.trim(), display } satisfies MathToken
    },
  }
}

export const MATH_SYNTAX: TokenizerAndRendererExtension[] = [
  rule('displayMath', 'block', DISPLAY, /^ {0,3}(?:\$\$|\\\[)/m, true),
  rule('displayMathInText', 'inline', DISPLAY_IN_TEXT, /\$\$|\\\[/, true),
  rule('inlineMath', 'inline', INLINE, /\$|\\\(/, false),
]
