import { runShortcut } from '@/features/shortcuts/shortcut-actions'

import { isTouch } from './send-key'

/** Give the keyboard to the composer; on a phone it would cover half of what there is to read. */
export function goOnWriting(): void {
  if (!isTouch()) runShortcut('focusComposer')
}
