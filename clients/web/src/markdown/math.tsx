import { memo, useEffect, useRef } from 'react'

interface MathProps {
  tex: string
  display: boolean
}

/** A formula: its TeX until the renderer is there. */
export const Math = memo(function Math({ tex, display }: MathProps) {
  const target = useRef<HTMLSpanElement>(null)
  useEffect(() => {
    let current = true
    void import('./katex-renderer').then(({ renderFormula }) => {
      if (current && target.current) renderFormula(tex, display, target.current)
    })
    return () => {
      current = false
    }
  }, [tex, display])
  const className = display ? 'my-4 block overflow-x-auto overflow-y-hidden text-center' : undefined
  // React leaves the inside alone: KaTeX replaces it.
  return (
    <span className={className} tabIndex={display ? 0 : undefined}>
      <span key={tex} ref={target}>
        {tex}
      </span>
    </span>
  )
})
