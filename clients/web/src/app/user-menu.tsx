import {
  ChartColumnIcon,
  ChevronsUpDownIcon,
  LogOutIcon,
  SettingsIcon,
  ShieldIcon,
} from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'

import { useErrorSentence } from '@/api/use-error-sentence'
import { Button } from '@/components/ui/button'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '@/components/ui/dropdown-menu'
import { toast } from '@/components/ui/toaster'
import { signOut } from '@/session/session-calls'
import { useSession } from '@/session/session-store'

export function UserMenu() {
  const { t } = useTranslation('app')
  const user = useSession((state) => state.user)
  const navigate = useNavigate()
  const sentence = useErrorSentence()
  if (!user) return null
  const leave = () => {
    signOut().catch((cause: unknown) => toast(sentence(cause), { tone: 'error' }))
  }
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" className="h-12 w-full justify-start px-2">
          <span
            aria-hidden
            className="grid size-8 place-items-center rounded-full bg-primary text-sm font-semibold text-primary-foreground"
          >
            {Array.from(user.name)[0]?.toUpperCase()}
          </span>
          <span className="truncate">{user.name}</span>
          <ChevronsUpDownIcon className="ml-auto text-muted-foreground" />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="start" side="top" className="w-64">
        <DropdownMenuLabel className="truncate">{user.email}</DropdownMenuLabel>
        <DropdownMenuSeparator />
        <DropdownMenuItem onSelect={() => void navigate('/settings')}>
          <SettingsIcon />
          {t('settings')}
        </DropdownMenuItem>
        <DropdownMenuItem onSelect={() => void navigate('/usage')}>
          <ChartColumnIcon />
          {t('usage')}
        </DropdownMenuItem>
        {user.role === 'admin' && (
          <DropdownMenuItem onSelect={() => void navigate('/admin')}>
            <ShieldIcon />
            {t('administration')}
          </DropdownMenuItem>
        )}
        <DropdownMenuSeparator />
        <DropdownMenuItem onSelect={leave}>
          <LogOutIcon />
          {t('signOut')}
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  )
}
