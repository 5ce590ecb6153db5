/** The sections of the settings. A new one is a line here, a page, and its words. */

import { PaletteIcon, UserIcon, type LucideIcon } from 'lucide-react'
import { lazy, type ComponentType } from 'react'

export interface SettingsSection {
  readonly path: 'profile' | 'appearance'
  readonly icon: LucideIcon
  readonly Page: ComponentType
}

export const SECTIONS: readonly SettingsSection[] = [
  { path: 'profile', icon: UserIcon, Page: lazy(() => import('./profile-page')) },
  { path: 'appearance', icon: PaletteIcon, Page: lazy(() => import('./appearance-page')) },
]
