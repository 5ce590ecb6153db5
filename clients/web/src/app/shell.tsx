import { MenuIcon, PanelLeftIcon, SquarePenIcon } from 'lucide-react'
import { VisuallyHidden } from 'radix-ui'
import { Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, Outlet, useLocation } from 'react-router'

import { Button } from '@/components/ui/button'
import { Dialog, DialogTitle, DrawerContent } from '@/components/ui/dialog'
import { ConversationSearch } from '@/features/conversations/conversation-search'
import { useFeed } from '@/features/conversations/use-feed'
import { AppShortcuts } from '@/features/shortcuts/app-shortcuts'
import { IS_MAC } from '@/features/shortcuts/shortcut-actions'
import { keysText } from '@/features/shortcuts/shortcuts'
import { useKeptTemporaryChats } from '@/features/temporary/use-kept-temporary-chats'
import { Tooltip } from '@/components/ui/tooltip'
import { useFinishedReplies } from '@/features/chat/use-finished-replies'

import { PageLoading } from './page-loading'
import { QueryBoundary } from './query-boundary'
import { Sidebar } from './sidebar'
import { useSidebar } from './sidebar-state'

/** What surrounds every page of somebody who is signed in. */
export function Shell() {
  useFeed()
  useFinishedReplies()
  useKeptTemporaryChats()
  const { t } = useTranslation('app')
  const { open, toggle } = useSidebar()
  return (
    <div className="flex h-full">
      <a
        href="#content"
        className="sr-only z-60 rounded-lg bg-primary px-4 py-2 text-primary-foreground focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {t('skip')}
      </a>
      {open && (
        <aside aria-label={t('menu')} className="hidden w-72 shrink-0 border-r bg-sidebar md:block">
          <Sidebar collapse={toggle} />
        </aside>
      )}
      <div className="flex min-w-0 flex-1 flex-col">
        <PhoneBar />
        {!open && (
          <Tooltip label={t('showSidebar')} keys={keysText('toggleSidebar', IS_MAC)}>
            <Button
              variant="ghost"
              size="icon"
              aria-label={t('showSidebar')}
              className="fixed top-2.5 left-3 z-10 hidden text-muted-foreground md:inline-flex"
              onClick={toggle}
            >
              <PanelLeftIcon />
            </Button>
          </Tooltip>
        )}
        <main id="content" tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
          <QueryBoundary>
            <Suspense fallback={<PageLoading />}>
              <Outlet />
            </Suspense>
          </QueryBoundary>
        </main>
        <AppShortcuts />
        <ConversationSearch />
      </div>
    </div>
  )
}

/** On a phone the sidebar is a drawer. */
function PhoneBar() {
  const { t } = useTranslation('app')
  // It is open on the page on which it was opened: whoever goes elsewhere has chosen.
  const { key } = useLocation()
  const [openAt, setOpenAt] = useState<string>()
  const open = openAt === key
  const setOpen = (wanted: boolean) => setOpenAt(wanted ? key : undefined)
  return (
    <header className="flex h-13 shrink-0 items-center justify-between border-b px-2 md:hidden">
      <Button
        variant="ghost"
        size="icon"
        aria-label={t('showSidebar')}
        onClick={() => setOpen(true)}
      >
        <MenuIcon className="size-5" />
      </Button>
      <span className="font-semibold">Rivulet</span>
      <Button asChild variant="ghost" size="icon">
        <Link to="/" aria-label={t('newChat')}>
          <SquarePenIcon className="size-5" />
        </Link>
      </Button>
      <Dialog open={open} onOpenChange={setOpen}>
        <DrawerContent aria-describedby={undefined}>
          <VisuallyHidden.Root>
            <DialogTitle>{t('menu')}</DialogTitle>
          </VisuallyHidden.Root>
          <Sidebar collapse={() => setOpen(false)} />
        </DrawerContent>
      </Dialog>
    </header>
  )
}
