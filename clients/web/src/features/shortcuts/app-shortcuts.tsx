import { lazy, Suspense, useState } from 'react'
import { useNavigate } from 'react-router'

import { useSidebar } from '@/app/sidebar-state'
import { Dialog } from '@/components/ui/dialog'

import { useShortcut, useShortcutKeys } from './shortcut-actions'

const ShortcutsDialog = lazy(() => import('./shortcuts-dialog'))

/** The shortcuts that every page has, and their help. */
export function AppShortcuts() {
  const navigate = useNavigate()
  const toggle = useSidebar((state) => state.toggle)
  const [help, setHelp] = useState(false)
  useShortcutKeys()
  useShortcut('newChat', () => void navigate('/'))
  useShortcut('toggleSidebar', toggle)
  useShortcut('help', () => setHelp(true))
  return (
    <Dialog open={help} onOpenChange={setHelp}>
      {help && (
        <Suspense>
          <ShortcutsDialog />
        </Suspense>
      )}
    </Dialog>
  )
}
