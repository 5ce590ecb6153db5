import { useId } from 'react'
import { useTranslation } from 'react-i18next'

export type Role = 'user' | 'admin'

export function RoleChoice({ role, choose }: { role: Role; choose: (role: Role) => void }) {
  const { t } = useTranslation('admin')
  const id = useId()
  return (
    <fieldset className="grid gap-3">
      <legend className="mb-2 text-sm font-medium">{t('invitations.role')}</legend>
      {(['user', 'admin'] as const).map((each) => (
        <div key={each} className="flex items-start gap-3">
          <input
            id={`${id}-${each}`}
            type="radio"
            name={id}
            aria-describedby={`${id}-${each}-hint`}
            className="mt-0.5 size-4 accent-primary"
            checked={role === each}
            onChange={() => choose(each)}
          />
          <div className="grid text-sm">
            <label htmlFor={`${id}-${each}`} className="font-medium">
              {t(`roles.${each}`)}
            </label>
            <span id={`${id}-${each}-hint`} className="text-muted-foreground">
              {t(`roleHints.${each}`)}
            </span>
          </div>
        </div>
      ))}
    </fieldset>
  )
}
