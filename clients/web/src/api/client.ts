/** The gateway's HTTP interface, typed by its own description. */

import createClient from 'openapi-fetch'

import { errorOf, errorOfResponse } from './api-error'
import type { paths } from './openapi.gen'
import { sessionFetch } from './session-fetch'

export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: sessionFetch })

interface Outcome<Data> {
  data?: Data
  error?: unknown
  response: Response
}

/** Return what a call has brought; throws an `ApiError` otherwise. */
export async function dataOf<Data>(call: Promise<Outcome<Data>>): Promise<NonNullable<Data>> {
  const outcome = await call.catch((cause: unknown) => {
    throw errorOf(cause)
  })
  if (!outcome.response.ok) throw errorOfResponse(outcome.response, outcome.error)
  return outcome.data as NonNullable<Data>
}
