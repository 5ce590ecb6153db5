/** A reply as React sees it. */

import { useEffect } from 'react'

import { useReplies, watchReply, type FollowedReply } from './reply-store'

/** Read a reply and return what is known of it; `undefined` reads nothing. */
export function useReply(replyId: string | undefined): FollowedReply | undefined {
  useEffect(() => (replyId === undefined ? undefined : watchReply(replyId)), [replyId])
  return useReplies(({ replies }) => (replyId === undefined ? undefined : replies[replyId]))
}
