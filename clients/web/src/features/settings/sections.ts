/** The sections of the settings. A new one is a line here, a page, and its words. */

import {
  ArchiveIcon,
  DatabaseIcon,
  KeyRoundIcon,
  PaletteIcon,
  ShieldIcon,
  UserIcon,
  type LucideIcon,
} from 'lucide-react'
import { lazy, type ComponentType } from 'react'

export interface SettingsSection {
  readonly path: 'profile' | 'security' | 'keys' | 'appearance' | 'archived' | 'data'
  readonly icon: LucideIcon
  readonly Page: ComponentType
}

export const SECTIONS: readonly SettingsSection[] = [
  { path: 'profile', icon: UserIcon, Page: lazy(() => import('./profile-page')) },
  { path: 'security', icon: ShieldIcon, Page: lazy(() => import('./security-page')) },
  { path: 'keys', icon: KeyRoundIcon, Page: lazy(() => import('./keys-page')) },
  { path: 'appearance', icon: PaletteIcon, Page: lazy(() => import('./appearance-page')) },
  {
    path: 'archived',
    icon: ArchiveIcon,
    Page: lazy(() => import('@/features/conversations/archived-page')),
  },
  { path: 'data', icon: DatabaseIcon, Page: lazy(() => import('./data-page')) },
]
