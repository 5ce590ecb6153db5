import { QueryClientProvider } from '@tanstack/react-query'
import { useState } from 'react'
import { BrowserRouter, useRoutes } from 'react-router'

import { newQueryClient } from '@/api/query-client'
import { Toaster } from '@/components/ui/toaster'
import { TooltipProvider } from '@/components/ui/tooltip'
import { SessionEndedDialog } from '@/session/session-ended-dialog'

import { ErrorBoundary } from './error-boundary'
import { routes } from './routes'
import { SessionStart } from './session-start'

export function App() {
  const [client] = useState(newQueryClient)
  return (
    <ErrorBoundary>
      <QueryClientProvider client={client}>
        <TooltipProvider delayDuration={400}>
          <BrowserRouter>
            <SessionStart>
              <Pages />
            </SessionStart>
          </BrowserRouter>
          <SessionEndedDialog />
          <Toaster />
        </TooltipProvider>
      </QueryClientProvider>
    </ErrorBoundary>
  )
}

function Pages() {
  return useRoutes(routes)
}
