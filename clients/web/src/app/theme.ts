/** Light, dark, or as the device has it. public/theme.js puts the same on the page at its start. */

import { useSyncExternalStore } from 'react'

export type Theme = 'light' | 'dark' | 'system'

const STORED_AS = 'rivulet-theme'
const listeners = new Set<() => void>()
const dark = window.matchMedia('(prefers-color-scheme: dark)')

export function setTheme(theme: Theme): void {
  if (theme === 'system') localStorage.removeItem(STORED_AS)
  else localStorage.setItem(STORED_AS, theme)
  apply()
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, theme)
}

/** Follow the device, and other tabs. */
export function startTheme(): void {
  dark.addEventListener('change', apply)
  window.addEventListener('storage', apply)
  apply()
}

function theme(): Theme {
  const stored = localStorage.getItem(STORED_AS)
  return stored === 'light' || stored === 'dark' ? stored : 'system'
}

function apply(): void {
  const now = theme()
  const isDark = now === 'dark' || (now === 'system' && dark.matches)
  document.documentElement.classList.toggle('dark', isDark)
  for (const listener of listeners) listener()
}
