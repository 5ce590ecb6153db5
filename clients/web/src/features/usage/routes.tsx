import { lazy } from 'react'
import type { RouteObject } from 'react-router'

const UsagePage = lazy(() => import('./usage-page'))

export const usageRoutes: RouteObject[] = [{ path: 'usage', element: <UsagePage /> }]
