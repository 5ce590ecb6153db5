import { Tooltip as Primitive } from 'radix-ui'
import type { ReactNode } from 'react'

export const TooltipProvider = Primitive.Provider

interface TooltipProps {
  label: string
  /** The shortcut that does the same. */
  keys?: string
  children: ReactNode
}

/** Says what a button without words does; the button's own label says it to screen readers. */
export function Tooltip({ label, keys, children }: TooltipProps) {
  return (
    <Primitive.Root>
      <Primitive.Trigger asChild>{children}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          sideOffset={6}
          collisionPadding={8}
          className="z-50 rounded-md bg-foreground px-2.5 py-1.5 text-xs text-background transition-opacity duration-100 starting:opacity-0"
        >
          {label}
          {keys !== undefined && <kbd className="ml-2 font-sans opacity-70">{keys}</kbd>}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}
