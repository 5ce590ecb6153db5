import { memo, useEffect, useState, type ReactNode } from 'react'

import { CopyButton } from '@/components/copy-button'

import type { HighlightedNode } from './highlighter'

interface CodeBlockProps {
  code: string
  language: string | undefined
  /** Its end has come; a long one is coloured only then. */
  closed: boolean
}

const COLOURED_WHILE_WRITTEN = 4_000
const COLOURED_AT_ALL = 100_000

export const CodeBlock = memo(function CodeBlock({ code, language, closed }: CodeBlockProps) {
  const name = language?.split(/\s/)[0]?.toLowerCase() ?? ''
  const limit = closed ? COLOURED_AT_ALL : COLOURED_WHILE_WRITTEN
  const nodes = useHighlighted(code, code.length <= limit ? name : '')
  return (
    <figure className="my-4 overflow-hidden rounded-xl border bg-code">
      <figcaption className="flex h-9 items-center justify-between border-b bg-muted/60 pr-1 pl-4 font-mono text-xs text-muted-foreground">
        <span>{name || 'text'}</span>
        <CopyButton text={code} />
      </figcaption>
      <pre tabIndex={0} className="overflow-x-auto px-4 py-3.5 text-[0.8125rem] leading-relaxed">
        <code>{nodes ? nodes.map(nodeView) : code}</code>
      </pre>
    </figure>
  )
})

function useHighlighted(code: string, language: string): HighlightedNode[] | undefined {
  const [result, setResult] = useState<{ code: string; nodes: HighlightedNode[] | undefined }>()
  useEffect(() => {
    if (language === '') return undefined
    let current = true
    void import('./highlighter').then(({ highlight }) => {
      if (current) setResult({ code, nodes: highlight(code, language) })
    })
    return () => {
      current = false
    }
  }, [code, language])
  if (!result?.nodes || language === '') return undefined
  if (result.code === code) return result.nodes
  // The old colours stay while the next ones are worked out; what is new has none yet.
  if (!code.startsWith(result.code)) return undefined
  return [...result.nodes, { type: 'text', value: code.slice(result.code.length) }]
}

function nodeView(node: HighlightedNode, index: number): ReactNode {
  if (node.type === 'text') return node.value
  if (node.type !== 'element') return null
  const classes = node.properties['className']
  return (
    <span key={index} className={Array.isArray(classes) ? classes.join(' ') : undefined}>
      {node.children.map((child, at) => nodeView(child as HighlightedNode, at))}
    </span>
  )
}
