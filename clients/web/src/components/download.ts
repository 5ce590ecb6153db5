/** Saves what a call returns as a file: a plain link could not renew a session that has expired. */

import { errorOf, errorOfResponse } from '@/api/api-error'
import { sessionFetch } from '@/api/session-fetch'

import { fileNameOf } from './file-name'

/** Fetch `path` and hand it to the browser as a download; throws an `ApiError`. */
export async function download(path: string, fallbackName: string): Promise<void> {
  const request = new Request(new URL(path, window.location.origin))
  const response = await sessionFetch(request).catch((cause: unknown) => {
    throw errorOf(cause)
  })
  if (!response.ok) {
    throw errorOfResponse(response, await response.json().catch(() => undefined))
  }
  const content = await response.blob().catch((cause: unknown) => {
    throw errorOf(cause)
  })
  save(content, fileNameOf(response.headers.get('Content-Disposition')) ?? fallbackName)
}

function save(content: Blob, name: string): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The browser has to have begun before the address may go.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
