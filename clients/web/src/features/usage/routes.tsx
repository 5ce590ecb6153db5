import type { RouteObject } from 'react-router'

import { lazyPage } from '@/i18n/lazy-page'

const UsagePage = lazyPage(['usage'], () => import('./usage-page'))

export const usageRoutes: RouteObject[] = [{ path: 'usage', element: <UsagePage /> }]
