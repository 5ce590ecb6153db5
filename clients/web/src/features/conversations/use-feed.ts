/** Keeps what is shown in step with the user's other devices and tabs: `GET /api/events`. */

import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'

import type { components } from '@/api/openapi.gen'
import { browserPorts } from '@/streaming/browser-ports'
import { forgetUnread } from '@/streaming/reply-store'
import { SharedFeed } from '@/streaming/shared-feed'
import type { ServerSentEvent } from '@/streaming/sse-decoder'
import { VisibleFeed } from '@/streaming/visible-feed'

import { changeListed, changeOpened, conversationKeys } from './conversation-queries'
import { replyHasEnded, replyRuns, useRunningReplies } from './running-conversations'

type Schemas = components['schemas']
const PATH = '/api/events'

export function useFeed(): void {
  const client = useQueryClient()
  useEffect(() => {
    const feed = openFeed((event) => take(client, event))
    feed.start()
    return () => feed.stop()
  }, [client])
}

/** Web Locks need a secure context; without them each tab reads for itself while it is seen. */
function openFeed(listen: (event: ServerSentEvent) => void): SharedFeed | VisibleFeed {
  if (!('locks' in navigator)) return new VisibleFeed(PATH, listen, browserPorts)
  return new SharedFeed(PATH, { take: listen, present }, browserPorts)
}

/** What runs, as the feed itself says it at its beginning. */
function present(): Pick<ServerSentEvent, 'type' | 'data'> {
  const running = Object.entries(useRunningReplies.getState().byReply)
  const replies = running.map(([reply_id, conversation_id]) => ({ reply_id, conversation_id }))
  return { type: 'running', data: JSON.stringify({ replies }) }
}

function take(client: QueryClient, event: ServerSentEvent): void {
  if (event.type === 'running')
    takeRunning(client, JSON.parse(event.data) as Schemas['RunningNews'])
  if (event.type === 'reply') takeReply(client, JSON.parse(event.data) as Schemas['ReplyNews'])
  if (event.type === 'conversation') {
    takeConversation(client, JSON.parse(event.data) as Schemas['ConversationNews'])
  }
}

function takeRunning(client: QueryClient, news: Schemas['RunningNews']): void {
  const running = news.replies.flatMap(({ reply_id, conversation_id }) =>
    conversation_id ? [[reply_id, conversation_id] as const] : [],
  )
  useRunningReplies.setState({ byReply: Object.fromEntries(running) })
  if (!news.reset) return
  void client.invalidateQueries({ queryKey: conversationKeys.lists })
  void client.invalidateQueries({ queryKey: ['conversation'] })
}

function takeReply(client: QueryClient, news: Schemas['ReplyNews']): void {
  if (!news.conversation_id) return
  if (news.state === 'running') replyRuns(news.reply_id, news.conversation_id)
  else {
    replyHasEnded(news.reply_id)
    forgetUnread(news.reply_id)
  }
  void client.invalidateQueries({ queryKey: conversationKeys.one(news.conversation_id) })
  void client.invalidateQueries({ queryKey: conversationKeys.lists })
}

function takeConversation(client: QueryClient, news: Schemas['ConversationNews']): void {
  const { conversation_id: id, change, title, pinned } = news
  if (change === 'deleted') {
    changeListed(client, id, () => undefined)
    client.removeQueries({ queryKey: conversationKeys.one(id) })
    return
  }
  if (title != null || pinned != null) {
    changeListed(client, id, (entry) => ({
      ...entry,
      title: title ?? entry.title,
      pinned: pinned ?? entry.pinned,
    }))
    changeOpened(client, id, (opened) => ({
      ...opened,
      conversation: {
        ...opened.conversation,
        title: title ?? opened.conversation.title,
        pinned: pinned ?? opened.conversation.pinned,
      },
    }))
  }
  if (title == null || change !== 'changed') {
    void client.invalidateQueries({ queryKey: conversationKeys.lists })
    void client.invalidateQueries({ queryKey: conversationKeys.one(id) })
  }
}
