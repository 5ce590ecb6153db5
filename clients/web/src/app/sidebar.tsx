import { PanelLeftIcon, SquarePenIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'

import { Logo } from '@/components/logo'
import { Button } from '@/components/ui/button'
import { Tooltip } from '@/components/ui/tooltip'
import { ConversationList } from '@/features/conversations/conversation-list'
import { SearchButton } from '@/features/conversations/search-button'
import { IS_MAC } from '@/features/shortcuts/shortcut-actions'
import { keysText } from '@/features/shortcuts/shortcuts'

import { UserMenu } from './user-menu'

export function Sidebar({ collapse }: { collapse: () => void }) {
  const { t } = useTranslation('app')
  return (
    <div className="flex h-full flex-col">
      <div className="flex h-14 shrink-0 items-center justify-between pr-2 pl-4">
        <Link
          to="/"
          className="flex items-center gap-2.5 rounded-md font-semibold tracking-tight outline-none focus-visible:ring-2 focus-visible:ring-ring"
        >
          <Logo />
          Rivulet
        </Link>
        <Tooltip label={t('hideSidebar')} keys={keysText('toggleSidebar', IS_MAC)}>
          <Button
            variant="ghost"
            size="icon"
            aria-label={t('hideSidebar')}
            className="text-muted-foreground"
            onClick={collapse}
          >
            <PanelLeftIcon />
          </Button>
        </Tooltip>
      </div>
      <div className="grid gap-1 px-3 pb-3">
        <Tooltip label={t('newChat')} keys={keysText('newChat', IS_MAC)}>
          <Button asChild variant="outline" className="w-full justify-start bg-card px-3">
            <Link to="/">
              <SquarePenIcon />
              {t('newChat')}
            </Link>
          </Button>
        </Tooltip>
        <SearchButton />
      </div>
      <nav aria-label={t('conversations')} className="min-h-0 flex-1 overflow-y-auto px-2 pb-2">
        <ConversationList />
      </nav>
      <div className="border-t p-2">
        <UserMenu />
      </div>
    </div>
  )
}
