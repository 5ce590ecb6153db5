import { useTranslation } from 'react-i18next'

import type { User } from '@/api/types'
import { cn } from '@/components/class-names'
import { Badge } from '@/components/ui/badge'
import { useFormats } from '@/i18n/formats'
import { useSession } from '@/session/session-store'

import { UserActions } from './user-actions'

export function UserRow({ user }: { user: User }) {
  const { t } = useTranslation('admin')
  const formats = useFormats()
  const me = useSession((state) => state.user?.user_id)
  return (
    <li className="flex items-center gap-3 px-4 py-3">
      <span
        aria-hidden
        className={cn(
          'grid size-9 shrink-0 place-items-center rounded-full bg-secondary text-sm font-semibold text-secondary-foreground',
          user.disabled && 'opacity-50',
        )}
      >
        {Array.from(user.name)[0]?.toUpperCase()}
      </span>
      <div className="min-w-0 flex-1">
        <p className="flex items-center gap-2 text-sm font-medium">
          <span className="truncate">{user.name}</span>
          {user.user_id === me && <Badge>{t('users.you')}</Badge>}
          {user.role === 'admin' && <Badge variant="primary">{t('roles.admin')}</Badge>}
          {user.disabled && <Badge variant="destructive">{t('users.disabled')}</Badge>}
        </p>
        <p className="truncate text-sm text-muted-foreground">
          {user.email} · {t('users.since', { date: formats.date(user.created_at_ms) })}
        </p>
      </div>
      {user.user_id !== me && <UserActions user={user} />}
    </li>
  )
}
