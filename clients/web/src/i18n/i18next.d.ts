/** The keys of the English words, so that a misspelt one does not compile. */

import type admin from './en/admin.json'
import type app from './en/app.json'
import type chat from './en/chat.json'
import type conversations from './en/conversations.json'
import type errors from './en/errors.json'
import type feedback from './en/feedback.json'
import type sharing from './en/sharing.json'
import type tuning from './en/tuning.json'
import type temporary from './en/temporary.json'
import type shortcuts from './en/shortcuts.json'
import type session from './en/session.json'
import type settings from './en/settings.json'
import type shared from './en/shared.json'
import type usage from './en/usage.json'

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'app'
    resources: {
      admin: typeof admin
      app: typeof app
      chat: typeof chat
      conversations: typeof conversations
      errors: typeof errors
      feedback: typeof feedback
      sharing: typeof sharing
      tuning: typeof tuning
      temporary: typeof temporary
      shortcuts: typeof shortcuts
      session: typeof session
      settings: typeof settings
      shared: typeof shared
      usage: typeof usage
    }
  }
}
