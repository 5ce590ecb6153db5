import { useEffect } from 'react'

const NAME = 'Rivulet'

/** Name the tab after what it shows. */
export function usePageTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title ? `${title} – ${NAME}` : NAME
    return () => {
      document.title = NAME
    }
  }, [title])
}
