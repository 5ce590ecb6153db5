/** A reply as React sees it. */

import { useEffect } from 'react'

import { followReply, useReplies, type FollowedReply } from './reply-store'

/** Follow a reply and return what is known of it; `undefined` follows nothing. */
export function useReply(replyId: string | undefined): FollowedReply | undefined {
  useEffect(() => {
    if (replyId !== undefined) followReply(replyId)
  }, [replyId])
  return useReplies(({ replies }) => (replyId === undefined ? undefined : replies[replyId]))
}
