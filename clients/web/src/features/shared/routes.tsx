import { lazy } from 'react'
import type { RouteObject } from 'react-router'

const SharedPage = lazy(() => import('./shared-page'))

export const sharedRoutes: RouteObject[] = [{ path: 's/:token', element: <SharedPage /> }]
