import { useId } from 'react'
import { useTranslation } from 'react-i18next'

import { cn } from '@/components/class-names'
import { Label } from '@/components/ui/label'
import { Textarea } from '@/components/ui/textarea'

import type { FieldError } from './tuning-form'

interface TextFieldProps {
  name: 'system' | 'stop'
  rows: number
  value: string
  error: FieldError | undefined
  write: (value: string) => void
}

export function TextField({ name, rows, value, error, write }: TextFieldProps) {
  const { t } = useTranslation('tuning')
  const id = useId()
  return (
    <div className="grid gap-1.5">
      <Label htmlFor={id}>{t(`fields.${name}.label`)}</Label>
      <Textarea
        id={id}
        rows={rows}
        className={cn(
          'field-sizing-content max-h-60',
          name === 'system' && 'min-h-24',
          name === 'stop' && 'font-mono',
        )}
        placeholder={t(`fields.${name}.placeholder`)}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-note`}
        value={value}
        onChange={(event) => write(event.target.value)}
      />
      <p
        id={`${id}-note`}
        className={cn('text-sm', error ? 'text-destructive' : 'text-muted-foreground')}
      >
        {error ? t(`errors.${error}`, { min: 0, max: 0 }) : t(`fields.${name}.hint`)}
      </p>
    </div>
  )
}
