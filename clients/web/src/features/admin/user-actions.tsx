import {
  BanIcon,
  CircleCheckIcon,
  EllipsisIcon,
  ShieldIcon,
  ShieldOffIcon,
  Trash2Icon,
} from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { User } from '@/api/types'
import { Button } from '@/components/ui/button'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '@/components/ui/dropdown-menu'

import { DisableDialog } from './disable-dialog'
import { EraseUserDialog } from './erase-user-dialog'
import { useChangeUser } from './use-change-user'

export function UserActions({ user }: { user: User }) {
  const { t } = useTranslation('admin')
  const [asking, setAsking] = useState<'disable' | 'erase'>()
  const change = useChangeUser(user.user_id)
  const close = () => setAsking(undefined)
  const admin = user.role === 'admin'
  return (
    <>
      <DropdownMenu modal={false}>
        <DropdownMenuTrigger asChild>
          <Button
            variant="ghost"
            size="icon-sm"
            className="shrink-0 text-muted-foreground"
            aria-label={t('users.actions', { name: user.name })}
          >
            <EllipsisIcon />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          <DropdownMenuItem onSelect={() => change.mutate({ role: admin ? 'user' : 'admin' })}>
            {admin ? <ShieldOffIcon /> : <ShieldIcon />}
            {admin ? t('users.demote') : t('users.promote')}
          </DropdownMenuItem>
          {user.disabled ? (
            <DropdownMenuItem onSelect={() => change.mutate({ disabled: false })}>
              <CircleCheckIcon />
              {t('users.enable')}
            </DropdownMenuItem>
          ) : (
            <DropdownMenuItem onSelect={() => setAsking('disable')}>
              <BanIcon />
              {t('users.disable')}
            </DropdownMenuItem>
          )}
          <DropdownMenuSeparator />
          <DropdownMenuItem variant="destructive" onSelect={() => setAsking('erase')}>
            <Trash2Icon />
            {t('users.erase')}
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <DisableDialog
        user={user}
        open={asking === 'disable'}
        close={close}
        disable={() => change.mutateAsync({ disabled: true })}
      />
      {asking === 'erase' && <EraseUserDialog user={user} close={close} />}
    </>
  )
}
