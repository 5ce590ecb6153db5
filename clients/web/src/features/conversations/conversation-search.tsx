import { lazy, Suspense, useEffect, useState } from 'react'
import { useLocation } from 'react-router'

import { Dialog } from '@/components/ui/dialog'
import { SEARCH_EVENT } from '@/features/shortcuts/shortcut-actions'

const SearchDialog = lazy(() => import('./search-dialog'))

/** Opens the search when somebody asks for it, by keys or by button. */
export function ConversationSearch() {
  // Whoever goes elsewhere has found it.
  const { key } = useLocation()
  const [openAt, setOpenAt] = useState<string>()
  const open = openAt === key
  useEffect(() => {
    const onAsked = () => setOpenAt(key)
    window.addEventListener(SEARCH_EVENT, onAsked)
    return () => window.removeEventListener(SEARCH_EVENT, onAsked)
  }, [key])
  const close = () => setOpenAt(undefined)
  return (
    <Dialog open={open} onOpenChange={(wanted) => wanted || close()}>
      {open && (
        <Suspense>
          <SearchDialog close={close} />
        </Suspense>
      )}
    </Dialog>
  )
}
