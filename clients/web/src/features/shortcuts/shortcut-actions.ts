/** Who does what a shortcut asks for. The page that can do it says so while it is there. */

import { useEffect } from 'react'
import { create } from 'zustand'

import { useLatest } from '@/components/use-latest'

import { pressedShortcut, type ShortcutName } from './shortcuts'

const actions = new Map<ShortcutName, () => void>()
export const IS_MAC = /mac|iphone|ipad/i.test(navigator.userAgent)

/** `search` is also said to everybody as this event on `window`. */
export const SEARCH_EVENT = 'rivulet:search'

const STORED_AS = 'rivulet-single-keys'

export const useShortcutSettings = create<{ singleKeys: boolean; set: (on: boolean) => void }>()(
  (set) => ({
    singleKeys: localStorage.getItem(STORED_AS) !== 'off',
    set: (singleKeys) => {
      localStorage.setItem(STORED_AS, singleKeys ? 'on' : 'off')
      set({ singleKeys })
    },
  }),
)

/** Do this for as long as the component is there; `undefined`: it can do nothing now. */
export function useShortcut(name: ShortcutName, action: (() => void) | undefined): void {
  const latest = useLatest(action)
  const able = action !== undefined
  useEffect(() => {
    if (!able) return undefined
    const run = () => latest()?.()
    actions.set(name, run)
    return () => {
      if (actions.get(name) === run) actions.delete(name)
    }
  }, [name, able, latest])
}

/** Do what a shortcut does, if somebody can. */
export function runShortcut(name: ShortcutName): void {
  actions.get(name)?.()
}

/** Listen to the keyboard of the whole page. */
export function useShortcutKeys(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const { singleKeys } = useShortcutSettings.getState()
      const typing = isText(event.target)
      const name = pressedShortcut(event, { mac: IS_MAC, typing, singleKeys })
      // What a dialog is for comes first.
      if (name === undefined || event.defaultPrevented || isInDialog(event.target)) return
      event.preventDefault()
      if (name === 'search') window.dispatchEvent(new CustomEvent(SEARCH_EVENT))
      runShortcut(name)
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [])
}

function isText(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input, textarea, select'))
  )
}

function isInDialog(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('[role=dialog], [role=menu]') !== null
}
