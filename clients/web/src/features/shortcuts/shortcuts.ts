/** The keys of the whole application: which there are, and which one was pressed. Pure. */

export interface Keys {
  readonly key: string
  /** Ctrl, or Cmd on a Mac. */
  readonly mod?: boolean
  readonly shift?: boolean
}

export const SHORTCUTS = {
  newChat: { key: 'o', mod: true, shift: true },
  search: { key: 'k', mod: true },
  focusComposer: { key: 'Escape', shift: true },
  stop: { key: '.', mod: true },
  copyAnswer: { key: 'l', mod: true, shift: true },
  toggleSidebar: { key: 'b', mod: true },
  help: { key: '/', mod: true },
} as const satisfies Record<string, Keys>

export type ShortcutName = keyof typeof SHORTCUTS
export const SHORTCUT_NAMES = Object.keys(SHORTCUTS) as ShortcutName[]

export type Pressed = Pick<
  KeyboardEvent,
  'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey' | 'isComposing'
>

/** Return what a key press asks for. `typing`: it may belong to a text. */
export function pressedShortcut(
  event: Pressed,
  { mac, typing, singleKeys }: { mac: boolean; typing: boolean; singleKeys: boolean },
): ShortcutName | undefined {
  if (event.isComposing || event.altKey) return undefined
  const mod = mac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey
  if (event.key === '?' && !event.ctrlKey && !event.metaKey) {
    return singleKeys && !typing ? 'help' : undefined
  }
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  return SHORTCUT_NAMES.find((name) => {
    const keys: Keys = SHORTCUTS[name]
    if (keys.key !== key || (keys.mod ?? false) !== mod) return false
    // On some keyboards a sign needs Shift.
    return /[./]/.test(key) || (keys.shift ?? false) === event.shiftKey
  })
}

/** Return the keys as they stand on the keyboard: `Ctrl+Shift+O`, `⇧⌘O`. */
export function keysText(name: ShortcutName, mac: boolean): string {
  const { key, mod, shift }: Keys = SHORTCUTS[name]
  const last = key === 'Escape' ? 'Esc' : key.toUpperCase()
  const parts = [mod && (mac ? '⌘' : 'Ctrl'), shift && (mac ? '⇧' : 'Shift'), last]
  const given = parts.filter((part) => typeof part === 'string')
  return mac ? [...given.slice(0, -1).reverse(), last].join('') : given.join('+')
}
