import type { RouteObject } from 'react-router'

/** Pages come with the usage interface of the gateway. */
export const usageRoutes: RouteObject[] = []
