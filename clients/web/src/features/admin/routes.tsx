import { Navigate, type RouteObject } from 'react-router'

import { lazyPage } from '@/i18n/lazy-page'

import { SECTIONS } from './sections'

const AdminPage = lazyPage(['admin', 'settings', 'usage'], () => import('./admin-page'))

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
