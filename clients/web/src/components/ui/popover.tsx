import { Popover as Primitive } from 'radix-ui'
import type { ComponentProps } from 'react'

import { cn } from '@/components/class-names'

export const Popover = Primitive.Root
export const PopoverAnchor = Primitive.Anchor
export const PopoverClose = Primitive.Close

export function PopoverContent({ className, ...props }: ComponentProps<typeof Primitive.Content>) {
  return (
    <Primitive.Portal>
      <Primitive.Content
        sideOffset={6}
        collisionPadding={12}
        className={cn(
          'z-50 w-80 max-w-[calc(100vw-1.5rem)] rounded-2xl border bg-popover p-4 text-popover-foreground shadow-lg transition-opacity duration-100 outline-none starting:opacity-0',
          className,
        )}
        {...props}
      />
    </Primitive.Portal>
  )
}
