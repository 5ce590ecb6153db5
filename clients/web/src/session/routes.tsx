import { lazy } from 'react'
import type { RouteObject } from 'react-router'

const SignInPage = lazy(() => import('./sign-in-page'))
const RegisterPage = lazy(() => import('./register-page'))

export const sessionRoutes: RouteObject[] = [
  { path: 'login', element: <SignInPage /> },
  { path: 'register', element: <RegisterPage /> },
]
