import { MonitorIcon, MoonIcon, SunIcon } from 'lucide-react'
import { useId, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { setTheme, useTheme, type Theme } from '@/app/theme'
import { cn } from '@/components/class-names'
import { Section } from '@/components/section'
import { LANGUAGES, speak, type Language } from '@/i18n'

const THEMES: readonly { theme: Theme; icon: ReactNode }[] = [
  { theme: 'light', icon: <SunIcon className="size-4" /> },
  { theme: 'dark', icon: <MoonIcon className="size-4" /> },
  { theme: 'system', icon: <MonitorIcon className="size-4" /> },
]

export default function AppearancePage() {
  const { t, i18n } = useTranslation('settings')
  const theme = useTheme()
  return (
    <Section title={t('sections.appearance')} hint={t('appearanceHint')}>
      <div className="grid gap-8">
        <Choice legend={t('theme')}>
          {THEMES.map(({ theme: value, icon }) => (
            <Option
              key={value}
              group="theme"
              checked={theme === value}
              choose={() => setTheme(value)}
            >
              {icon}
              {t(`themes.${value}`)}
            </Option>
          ))}
        </Choice>
        <Choice legend={t('language')}>
          {Object.entries(LANGUAGES).map(([language, name]) => (
            <Option
              key={language}
              group="language"
              checked={i18n.language === language}
              choose={() => void speak(language as Language)}
            >
              <span lang={language}>{name}</span>
            </Option>
          ))}
        </Choice>
      </div>
    </Section>
  )
}

function Choice({ legend, children }: { legend: string; children: ReactNode }) {
  return (
    <fieldset>
      <legend className="mb-2.5 text-sm font-medium">{legend}</legend>
      <div className="flex flex-wrap gap-2">{children}</div>
    </fieldset>
  )
}

interface OptionProps {
  group: string
  checked: boolean
  choose: () => void
  children: ReactNode
}

function Option({ group, checked, choose, children }: OptionProps) {
  const id = useId()
  return (
    <label
      htmlFor={id}
      className={cn(
        'flex h-10 cursor-pointer items-center gap-2.5 rounded-lg border px-4 text-sm hover:bg-accent has-focus-visible:ring-2 has-focus-visible:ring-ring',
        checked && 'border-primary bg-accent font-medium',
      )}
    >
      <input
        id={id}
        type="radio"
        name={group}
        className="sr-only"
        checked={checked}
        onChange={choose}
      />
      {children}
    </label>
  )
}
