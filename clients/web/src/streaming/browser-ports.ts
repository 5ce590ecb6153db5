/** What streams need of the browser and the session. */

import { sessionFetch } from '@/api/session-fetch'
import { untilSignedIn, useSession } from '@/session/session-store'

import type { EventSourcePorts } from './event-source'

export const browserPorts: EventSourcePorts = {
  open: (path, lastEventId, signal) => {
    const headers: Record<string, string> = { Accept: 'text/event-stream' }
    if (lastEventId) headers['Last-Event-ID'] = lastEventId
    const url = new URL(path, window.location.origin)
    return sessionFetch(new Request(url, { headers, signal, cache: 'no-store' }))
  },
  signedIn: untilSignedIn,
  expired: () => useSession.getState().expired(),
}
