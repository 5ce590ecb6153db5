import { lazy } from 'react'
import { Navigate, type RouteObject } from 'react-router'

import { SECTIONS } from './sections'

const SettingsPage = lazy(() => import('./settings-page'))
const GoodbyePage = lazy(() => import('./goodbye-page'))

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
