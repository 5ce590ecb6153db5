/** Brings conversations in from a file. */

import { useMutation, useQueryClient } from '@tanstack/react-query'

import { ApiError, errorOf, errorOfResponse } from '@/api/api-error'
import { sessionFetch } from '@/api/session-fetch'
import type { ImportReport } from '@/api/types'
import { conversationKeys } from '@/features/conversations/conversation-queries'

import { ImportKeys } from './import-keys'

const LARGEST_BYTES = 32 << 20
const TOO_LARGE = 413
const BAD_REQUEST = 400
const keys = new ImportKeys()

export function useImport() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: importFile,
    onSuccess: () => client.invalidateQueries({ queryKey: conversationKeys.lists }),
  })
}

/** A refusal of what came says another thing of a file than of a message. */
function asImport({ message, status }: ApiError, code: string): ApiError {
  return new ApiError(message, status, code)
}

/** Throws an `ApiError`. A repeat of the same file brings nothing twice. */
async function importFile(file: File): Promise<ImportReport> {
  if (file.size > LARGEST_BYTES) {
    throw new ApiError('The file is too large.', TOO_LARGE, 'import_too_large')
  }
  const request = new Request(new URL('/api/import', window.location.origin), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': keys.keyOf(file) },
    body: await file.arrayBuffer(),
  })
  const response = await sessionFetch(request).catch((cause: unknown) => {
    throw errorOf(cause)
  })
  const body: unknown = await response.json().catch(() => undefined)
  if (response.ok) {
    keys.done(file)
    return body as ImportReport
  }
  const error = errorOfResponse(response, body)
  if (error.status === TOO_LARGE) throw asImport(error, 'import_too_large')
  throw error.status === BAD_REQUEST ? asImport(error, 'import_refused') : error
}
