import { lazy } from 'react'
import { Navigate, type RouteObject } from 'react-router'

import { SECTIONS } from './sections'

const AdminPage = lazy(() => import('./admin-page'))

export const adminRoutes: RouteObject[] = [
  {
    path: 'admin',
    element: <AdminPage />,
    children: [
      { index: true, element: <Navigate to="overview" replace /> },
      ...SECTIONS.map(({ path, Page }) => ({ path, element: <Page /> })),
    ],
  },
]
