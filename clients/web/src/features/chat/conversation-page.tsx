import { Suspense } from 'react'
import { Navigate, useParams } from 'react-router'

import { Skeleton } from '@/components/ui/skeleton'
import { QueryBoundary } from '@/app/query-boundary'

import { ConversationView } from './conversation-view'

export default function ConversationPage() {
  const { id } = useParams()
  if (id === undefined) return <Navigate to="/" replace />
  return (
    <QueryBoundary key={id}>
      <Suspense fallback={<ConversationSkeleton />}>
        <ConversationView id={id} />
      </Suspense>
    </QueryBoundary>
  )
}

function ConversationSkeleton() {
  return (
    <div className="mx-auto grid w-full max-w-3xl gap-5 px-4 pt-8">
      <Skeleton className="ml-auto h-11 w-1/2 rounded-3xl" />
      <Skeleton className="h-4 w-11/12" />
      <Skeleton className="h-4 w-4/5" />
      <Skeleton className="h-4 w-2/3" />
    </div>
  )
}
