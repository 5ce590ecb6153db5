/** Errors as sentences in the reader's language; the gateway's own where there is none. */

import { useTranslation } from 'react-i18next'

import { errorOf } from './api-error'

export function useErrorSentence(): (cause: unknown) => string {
  const { t, i18n } = useTranslation('errors')
  return (cause) => {
    const error = errorOf(cause)
    if (!i18n.exists(`errors:${error.code}`)) return error.message
    const { code, message, param } = error
    return t(code as 'invalid_value', { message, param: param ?? '…' })
  }
}
