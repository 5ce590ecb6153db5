/**
 * Shows Markdown tokens as React elements.
 *
 * HTML in a model's output is shown as the text that it is; pictures from elsewhere are links,
 * because a picture that is loaded tells its server what was written into its address.
 */

import type { Token, Tokens } from 'marked'
import { Fragment, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { CodeBlock } from './code-block'
import { decodeEntities } from './entities'
import { Math } from './math'
import type { MathToken } from './math-syntax'
import { safeUrl } from './safe-url'
import { TableView } from './table-view'

export function TokensView({ tokens }: { tokens: readonly Token[] | undefined }) {
  return tokens?.map((token, index) => <Fragment key={index}>{elementOf(token as Known)}</Fragment>)
}

type Known =
  | Tokens.Blockquote
  | Tokens.Br
  | Tokens.Checkbox
  | Tokens.Code
  | Tokens.Codespan
  | Tokens.Def
  | Tokens.Del
  | Tokens.Em
  | Tokens.Escape
  | Tokens.Heading
  | Tokens.Hr
  | Tokens.HTML
  | Tokens.Image
  | Tokens.Link
  | Tokens.List
  | Tokens.Paragraph
  | Tokens.Space
  | Tokens.Strong
  | Tokens.Table
  | Tokens.Text
  | MathToken

// One case a kind of token; each is a line.
function elementOf(token: Known): ReactNode {
  const inner = 'tokens' in token ? <TokensView tokens={token.tokens} /> : undefined
  switch (token.type) {
    case 'space':
    case 'def':
      return null
    case 'heading':
      return heading(token.depth, inner)
    case 'paragraph':
      return <p>{inner}</p>
    case 'text':
      return token.tokens ? inner : decodeEntities(token.text)
    case 'escape':
      return token.text
    case 'strong':
      return <strong>{inner}</strong>
    case 'em':
      return <em>{inner}</em>
    case 'del':
      return <del>{inner}</del>
    case 'codespan':
      return <code>{token.text}</code>
    case 'br':
      return <br />
    case 'hr':
      return <hr />
    case 'blockquote':
      return <blockquote>{inner}</blockquote>
    case 'code':
      return <CodeBlock code={token.text} language={token.lang} closed={isClosed(token)} />
    case 'list':
      return <ListView list={token} />
    case 'checkbox':
      return <TaskBox checked={token.checked} />
    case 'table':
      return <TableView table={token} />
    case 'link':
      return <LinkView href={token.href}>{inner}</LinkView>
    case 'image':
      return <LinkView href={token.href}>{token.text || token.href}</LinkView>
    case 'math':
      return <Math tex={token.tex} display={token.display} />
    case 'html':
      return /^<br\s*\/?>$/i.test(token.raw) ? <br /> : token.raw
    default:
      return (token as Token).raw
  }
}

/** A heading of an answer stands below those of the page. */
function heading(depth: number, inner: ReactNode): ReactNode {
  const Level = (['h3', 'h4', 'h5', 'h6', 'h6', 'h6'] as const)[depth - 1] ?? 'h6'
  return <Level data-depth={depth}>{inner}</Level>
}

function TaskBox({ checked }: { checked: boolean }) {
  const { t } = useTranslation('app')
  return (
    <input
      type="checkbox"
      aria-label={checked ? t('done') : t('toDo')}
      checked={checked}
      disabled
      readOnly
    />
  )
}

function ListView({ list }: { list: Tokens.List }) {
  const items = list.items.map((item, index) => (
    <li key={index} data-task={item.task || undefined}>
      <TokensView tokens={item.tokens} />
    </li>
  ))
  return list.ordered ? <ol start={list.start || 1}>{items}</ol> : <ul>{items}</ul>
}

function LinkView({ href, children }: { href: string; children: ReactNode }) {
  const url = safeUrl(href)
  if (url === undefined) return children
  return (
    <a href={url} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  )
}

/** A fence that has no end yet is still being written. */
function isClosed(code: Tokens.Code): boolean {
  const fence = /^ {0,3}(`{3,}|~{3,})/.exec(code.raw)?.[1]
  return fence === undefined || code.raw.trimEnd().split('\n').slice(1).at(-1)?.trim() === fence
}
