import { lazy } from 'react'
import type { RouteObject } from 'react-router'

const NewChatPage = lazy(() => import('./new-chat-page'))
const ConversationPage = lazy(() => import('./conversation-page'))

export const chatRoutes: RouteObject[] = [
  { index: true, element: <NewChatPage /> },
  { path: 'c/:id', element: <ConversationPage /> },
]
