import { useTranslation } from 'react-i18next'

import { DialogContent, DialogHeader, DialogTitle } from '@/components/ui/dialog'

import { IS_MAC, useShortcutSettings } from './shortcut-actions'
import { SHORTCUT_NAMES, keysText } from './shortcuts'

/** Lists the shortcuts. The one without a modifier can be switched off: it may be spoken by chance. */
export default function ShortcutsDialog() {
  const { t } = useTranslation('shortcuts')
  const { singleKeys, set } = useShortcutSettings()
  return (
    <DialogContent aria-describedby={undefined}>
      <DialogHeader>
        <DialogTitle>{t('title')}</DialogTitle>
      </DialogHeader>
      <dl className="grid text-sm">
        {SHORTCUT_NAMES.map((name) => (
          <div key={name} className="flex items-center justify-between gap-4 border-b py-2.5">
            <dt>{t(name)}</dt>
            <dd>
              <Keys text={keysText(name, IS_MAC)} />
            </dd>
          </div>
        ))}
        <div className="flex items-center justify-between gap-4 border-b py-2.5">
          <dt>{t('send')}</dt>
          <dd>
            <Keys text={IS_MAC ? '↩' : 'Enter'} />
          </dd>
        </div>
        <div className="flex items-center justify-between gap-4 py-2.5">
          <dt>{t('newLine')}</dt>
          <dd>
            <Keys text={IS_MAC ? '⇧↩' : 'Shift+Enter'} />
          </dd>
        </div>
      </dl>
      <label className="flex items-center gap-2.5 text-sm text-muted-foreground">
        <input
          type="checkbox"
          className="size-4 accent-primary"
          checked={singleKeys}
          onChange={(event) => set(event.target.checked)}
        />
        {t('singleKeys')}
      </label>
    </DialogContent>
  )
}

function Keys({ text }: { text: string }) {
  const keys = text.includes('+') ? text.split('+') : [text]
  return (
    <span className="flex gap-1">
      {keys.map((key) => (
        <kbd
          key={key}
          className="rounded-md border bg-muted px-1.5 py-0.5 font-sans text-xs font-medium text-muted-foreground"
        >
          {key}
        </kbd>
      ))}
    </span>
  )
}
