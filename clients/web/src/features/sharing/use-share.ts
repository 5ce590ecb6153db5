/** Makes a conversation's public link, and ends it. */

import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, dataOf } from '@/api/client'
import { changeOpened } from '@/features/conversations/conversation-queries'

export function useShare(id: string) {
  const client = useQueryClient()
  const show = (sharePath: string | null) =>
    changeOpened(client, id, (opened) => ({
      ...opened,
      conversation: { ...opened.conversation, share_path: sharePath },
    }))
  const params = { path: { conversation_id: id } }
  const make = useMutation({
    mutationFn: (leafId: string | undefined) =>
      dataOf(
        api.POST('/api/conversations/{conversation_id}/share', {
          params,
          body: leafId === undefined ? {} : { leaf_id: leafId },
        }),
      ),
    onSuccess: ({ share_path }) => show(share_path),
  })
  const end = useMutation({
    mutationFn: () => dataOf(api.DELETE('/api/conversations/{conversation_id}/share', { params })),
    onSuccess: () => show(null),
  })
  return { make, end }
}
