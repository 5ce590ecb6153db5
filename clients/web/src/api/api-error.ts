/** What can go wrong with a call, in the one shape in which the gateway says it. */

import type { components } from './openapi.gen'

type ErrorObject = components['schemas']['ErrorObject']

/** The code of a call that has reached nobody. */
export const UNREACHABLE = 'unreachable'

// What stands before the gateway answers in a shape of its own.
const CODES_OF_OTHERS: Readonly<Record<number, string>> = { 413: 'request_too_large' }
const SERVER_ERROR = 500

export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
    readonly param: string | null = null,
    readonly retryAfterS: number | null = null,
  ) {
    super(message)
    this.name = 'ApiError'
  }

  /** Whether the same call may well succeed a little later. */
  get transient(): boolean {
    return this.code === UNREACHABLE || this.status === 503
  }
}

/** Return what a response that is no success says. */
export function errorOfResponse(response: Response, body: unknown): ApiError {
  const error = (body as { error?: ErrorObject } | undefined)?.error
  const retryAfter = Number(response.headers.get('Retry-After') ?? Number.NaN)
  return new ApiError(
    error?.message ?? `The server answered ${response.status}.`,
    response.status,
    error?.code ?? codeOf(response.status),
    error?.param ?? null,
    Number.isFinite(retryAfter) ? retryAfter : null,
  )
}

function codeOf(status: number): string {
  const code = CODES_OF_OTHERS[status]
  return code ?? (status >= SERVER_ERROR ? 'service_unavailable' : 'internal_error')
}

/** Return what any exception of a call means. */
export function errorOf(cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause
  // `fetch` rejects with a TypeError when the network, or the server, is not there.
  return new ApiError('The server cannot be reached.', 0, UNREACHABLE)
}
