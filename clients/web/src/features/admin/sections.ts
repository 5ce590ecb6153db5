/** The sections of the administration. A new one is a line here, a page, and its words. */

import { ActivityIcon, MailPlusIcon, UsersIcon, type LucideIcon } from 'lucide-react'
import { lazy, type ComponentType } from 'react'

export interface AdminSection {
  readonly path: 'overview' | 'users' | 'invitations'
  readonly icon: LucideIcon
  readonly Page: ComponentType
}

export const SECTIONS: readonly AdminSection[] = [
  { path: 'overview', icon: ActivityIcon, Page: lazy(() => import('./overview-page')) },
  { path: 'users', icon: UsersIcon, Page: lazy(() => import('./users-page')) },
  { path: 'invitations', icon: MailPlusIcon, Page: lazy(() => import('./invitations-page')) },
]
