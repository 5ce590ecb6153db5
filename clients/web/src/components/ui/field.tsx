import { useId, type ComponentProps } from 'react'

import { Input } from './input'
import { Label } from './label'

interface FieldProps extends ComponentProps<'input'> {
  label: string
  hint?: string | undefined
  error?: string | undefined
}

/** An input with its label, a hint, and what is wrong with it. */
export function Field({ label, hint, error, ...props }: FieldProps) {
  const id = useId()
  const note = error ?? hint
  return (
    <div className="grid gap-1.5">
      <Label htmlFor={id}>{label}</Label>
      <Input
        id={id}
        aria-invalid={error !== undefined}
        {...(note === undefined ? {} : { 'aria-describedby': `${id}-note` })}
        {...props}
      />
      {note !== undefined && (
        <p
          id={`${id}-note`}
          className={error ? 'text-sm text-destructive' : 'text-sm text-muted-foreground'}
        >
          {note}
        </p>
      )}
    </div>
  )
}
