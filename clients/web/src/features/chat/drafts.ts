/** What somebody has begun to write, kept over reloads and expired sessions, for each conversation. */

const PREFIX = 'rivulet-draft:'
/** The draft of a conversation that does not exist yet. */
export const NEW_DRAFT = 'new'

export function readDraft(id: string): string {
  return localStorage.getItem(PREFIX + id) ?? ''
}

export function keepDraft(id: string, text: string): void {
  try {
    if (text === '') localStorage.removeItem(PREFIX + id)
    else localStorage.setItem(PREFIX + id, text)
  } catch {
    // The browser's storage is full: the text is still in the page.
  }
}

export function forgetDrafts(): void {
  for (const key of Object.keys(localStorage))
    if (key.startsWith(PREFIX)) localStorage.removeItem(key)
}
