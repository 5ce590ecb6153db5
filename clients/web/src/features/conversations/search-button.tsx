import { SearchIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'

import { Button } from '@/components/ui/button'
import { IS_MAC, SEARCH_EVENT } from '@/features/shortcuts/shortcut-actions'
import { keysText } from '@/features/shortcuts/shortcuts'

/** Asks for the search dialog; says by which keys that goes faster. */
export function SearchButton() {
  const { t } = useTranslation('conversations')
  return (
    <Button
      variant="ghost"
      className="w-full justify-start px-3 font-normal text-muted-foreground"
      onClick={() => window.dispatchEvent(new CustomEvent(SEARCH_EVENT))}
    >
      <SearchIcon />
      {t('search.button')}
      <kbd className="ml-auto font-sans text-xs pointer-coarse:hidden">
        {keysText('search', IS_MAC)}
      </kbd>
    </Button>
  )
}
