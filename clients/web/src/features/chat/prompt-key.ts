/**
 * The `Idempotency-Key` of a prompt: one that is sent again because its answer was lost has the same,
 * and so is answered once.
 */

const STORED_AS = 'rivulet-unanswered-prompt'

interface Unanswered {
  body: string
  key: string
}

/** Return the key of this body: the one of its last try, if nobody has answered that. */
export function promptKey(body: unknown): string {
  const text = JSON.stringify(body)
  const stored = sessionStorage.getItem(STORED_AS)
  const last = stored === null ? undefined : (JSON.parse(stored) as Unanswered)
  if (last?.body === text) return last.key
  const key = randomKey()
  try {
    sessionStorage.setItem(STORED_AS, JSON.stringify({ body: text, key } satisfies Unanswered))
  } catch {
    // Too long to be stored: a try after a reload counts as a prompt of its own.
  }
  return key
}

export function promptAnswered(): void {
  sessionStorage.removeItem(STORED_AS)
}

/** `crypto.randomUUID` needs a secure context; a plain address in a local network is none. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
