/** Every page. A feature lists its own in its `routes.tsx`. */

import { Suspense } from 'react'
import { Outlet, type RouteObject } from 'react-router'

import { adminRoutes } from '@/features/admin/routes'
import { chatRoutes } from '@/features/chat/routes'
import { goodbyeRoutes, settingsRoutes } from '@/features/settings/routes'
import { sharedRoutes } from '@/features/shared/routes'
import { usageRoutes } from '@/features/usage/routes'
import { SignedInOnly, SignedOutOnly } from '@/session/guards'
import { sessionRoutes } from '@/session/routes'

import { NotFoundPage } from './not-found-page'
import { PageLoading } from './page-loading'
import { Shell } from './shell'

export const routes: RouteObject[] = [
  {
    element: (
      <Suspense fallback={<PageLoading />}>
        <Outlet />
      </Suspense>
    ),
    children: [
      { element: <SignedOutOnly />, children: sessionRoutes },
      {
        element: <SignedInOnly />,
        children: [
          {
            element: <Shell />,
            children: [...chatRoutes, ...settingsRoutes, ...usageRoutes, ...adminRoutes],
          },
        ],
      },
      ...sharedRoutes,
      ...goodbyeRoutes,
      { path: '*', element: <NotFoundPage /> },
    ],
  },
]
