import { lazy } from 'react'
import { Navigate, type RouteObject } from 'react-router'

import { SECTIONS } from './sections'

const SettingsPage = lazy(() => import('./settings-page'))

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
