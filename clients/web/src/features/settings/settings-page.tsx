import { useTranslation } from 'react-i18next'
import { NavLink, Outlet } from 'react-router'

import { cn } from '@/components/class-names'

import { SECTIONS } from './sections'

export default function SettingsPage() {
  const { t } = useTranslation('settings')
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto grid w-full max-w-4xl gap-6 px-4 py-8 md:grid-cols-[12rem_1fr] md:gap-10 md:py-12">
        <h1 className="text-2xl font-semibold tracking-tight md:col-span-2">{t('title')}</h1>
        <nav aria-label={t('title')} className="flex gap-1 overflow-x-auto md:flex-col">
          {SECTIONS.map(({ path, icon: Icon }) => (
            <NavLink
              key={path}
              to={path}
              className={({ isActive }) =>
                cn(
                  'flex h-9 shrink-0 items-center gap-2.5 rounded-lg px-3 text-sm outline-none hover:bg-accent focus-visible:ring-2 focus-visible:ring-ring',
                  isActive && 'bg-accent font-medium',
                )
              }
            >
              <Icon aria-hidden className="size-4" />
              {t(`sections.${path}`)}
            </NavLink>
          ))}
        </nav>
        <div className="min-w-0">
          <Outlet />
        </div>
      </div>
    </div>
  )
}
