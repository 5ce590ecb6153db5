import { useTranslation } from 'react-i18next'

import { Field } from '@/components/ui/field'

import { NUMBERS, type FieldError, type NumberName } from './tuning-form'

interface NumberFieldProps {
  name: NumberName
  value: string
  error: FieldError | undefined
  write: (value: string) => void
}

/** A number that may be left to the model. Not `type="number"`: that one hides what is wrong. */
export function NumberField({ name, value, error, write }: NumberFieldProps) {
  const { t, i18n } = useTranslation('tuning')
  const rule = NUMBERS[name]
  const bounds = {
    min: rule.min.toLocaleString(i18n.language),
    max: rule.max.toLocaleString(i18n.language),
  }
  return (
    <Field
      label={t(`fields.${name}.label`)}
      hint={t(`fields.${name}.hint`)}
      error={error && t(`errors.${error}`, bounds)}
      placeholder={t('modelDefault')}
      inputMode={'whole' in rule ? 'numeric' : 'decimal'}
      autoComplete="off"
      value={value}
      onChange={(event) => write(event.target.value)}
    />
  )
}
