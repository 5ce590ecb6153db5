/** A conversation with instructions or parameters is made before its first prompt. */

import { api, dataOf } from '@/api/client'
import { isTuned, type Tuning } from '@/features/tuning/tuning-form'

let made: { asked: string; id: string } | undefined

/** Return the id of such a conversation; `undefined`: the prompt makes one by itself. */
export async function beginning(model: string, tuning: Tuning): Promise<string | undefined> {
  if (!isTuned(tuning)) return undefined
  const body = { model, system: tuning.system, params: tuning.params }
  const asked = JSON.stringify(body)
  // The prompt that it was made for was refused: its next try goes there.
  if (made?.asked !== asked) {
    const { conversation_id: id } = await dataOf(api.POST('/api/conversations', { body }))
    made = { asked, id }
  }
  return made.id
}

/** It has its first message. */
export function begun(): void {
  made = undefined
}
