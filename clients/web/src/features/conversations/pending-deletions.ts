/**
 * Deletions that can still be taken back. They are sent when the page is left, and are remembered
 * in case that does not arrive: what somebody has deleted does not come back.
 */

import { CSRF_HEADER, csrfToken } from '@/api/csrf'

const STORED_AS = 'rivulet-deletions'
/** So long another tab may still take it back. */
const UNDO_MS = 60_000

type Deletions = Record<string, number>

export function isBeingDeleted(id: string): boolean {
  return id in read()
}

export function beginDeletion(id: string): void {
  write({ ...read(), [id]: Date.now() + UNDO_MS })
}

/** It is done, or was taken back. */
export function endDeletion(id: string): void {
  write(Object.fromEntries(Object.entries(read()).filter(([other]) => other !== id)))
}

/** Return those that a page which is gone has left undone. */
export function overdueDeletions(): string[] {
  return Object.entries(read()).flatMap(([id, due]) => (due < Date.now() ? id : []))
}

/** Send this tab's deletions now: the page is being left. */
export function sendDeletions(ids: Iterable<string>): void {
  for (const id of ids) {
    if (!isBeingDeleted(id)) continue
    void fetch(`/api/conversations/${id}`, {
      method: 'DELETE',
      headers: { [CSRF_HEADER]: csrfToken() ?? '' },
      keepalive: true,
    }).catch(() => undefined)
    // Not forgotten: the next page asks again, in case this one did not arrive.
    write({ ...read(), [id]: 0 })
  }
}

function read(): Deletions {
  return JSON.parse(localStorage.getItem(STORED_AS) ?? '{}') as Deletions
}

function write(deletions: Deletions): void {
  if (Object.keys(deletions).length === 0) localStorage.removeItem(STORED_AS)
  else localStorage.setItem(STORED_AS, JSON.stringify(deletions))
}
