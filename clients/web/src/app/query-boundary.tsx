import { QueryErrorResetBoundary } from '@tanstack/react-query'
import { Component, type ReactNode } from 'react'

import { errorOf } from '@/api/api-error'
import { ErrorNote } from '@/components/error-note'

import { NotFoundPage } from './not-found-page'

interface Props {
  children: ReactNode
}

const NOT_FOUND = 404

/** Shows what went wrong with a page's data in the place of the page. */
export function QueryBoundary({ children }: Props) {
  return (
    <QueryErrorResetBoundary>
      {({ reset }) => <Boundary reset={reset}>{children}</Boundary>}
    </QueryErrorResetBoundary>
  )
}

class Boundary extends Component<Props & { reset: () => void }, { error: unknown }> {
  override state: { error: unknown } = { error: undefined }

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error }
  }

  override render() {
    const { error } = this.state
    if (error === undefined) return this.props.children
    if (errorOf(error).status === NOT_FOUND) return <NotFoundPage />
    const retry = () => {
      this.props.reset()
      this.setState({ error: undefined })
    }
    return (
      <div className="mx-auto w-full max-w-3xl p-4 pt-16">
        <ErrorNote error={error} retry={retry} />
      </div>
    )
  }
}
