import { Navigate, type RouteObject } from 'react-router'

import { lazyPage } from '@/i18n/lazy-page'

import { SECTIONS } from './sections'

const SettingsPage = lazyPage(['settings'], () => import('./settings-page'))
const GoodbyePage = lazyPage(['settings'], () => import('./goodbye-page'))

export const settingsRoutes: RouteObject[] = [
  {
    path: 'settings',
    element: <SettingsPage />,
    children: [
      { index: true, element: <Navigate to="profile" replace /> },
      ...SECTIONS.map(({ path, Page }) => ({ path, element: <Page /> })),
    ],
  },
]

/** For somebody who was signed in a moment ago. */
export const goodbyeRoutes: RouteObject[] = [{ path: 'goodbye', element: <GoodbyePage /> }]
