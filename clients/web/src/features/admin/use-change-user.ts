/** Changes somebody's role, or whether they may come in. */

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { ApiError, errorOf } from '@/api/api-error'
import { api, dataOf } from '@/api/client'
import { useErrorSentence } from '@/api/use-error-sentence'
import { toast } from '@/components/ui/toaster'

import { adminKeys } from './admin-queries'

interface UserChange {
  role?: 'user' | 'admin'
  disabled?: boolean
}

const CONFLICT = 409

export function useChangeUser(id: string) {
  const { t } = useTranslation('admin')
  const client = useQueryClient()
  const sentence = useErrorSentence()
  return useMutation({
    mutationFn: (body: UserChange) =>
      dataOf(
        api.PATCH('/api/admin/users/{user_id}', { params: { path: { user_id: id } }, body }),
      ).catch((cause: unknown) => {
        throw lastAdmin(cause)
      }),
    onSuccess: (user) => toast(t('users.changed', { name: user.name })),
    onError: (cause) => toast(sentence(cause), { tone: 'error' }),
    onSettled: () => client.invalidateQueries({ queryKey: adminKeys.users }),
  })
}

/** The gateway has one code for everything that somebody may not do. */
function lastAdmin(cause: unknown): ApiError {
  const error = errorOf(cause)
  return error.status === CONFLICT ? new ApiError(error.message, error.status, 'last_admin') : error
}
