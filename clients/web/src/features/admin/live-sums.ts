/** The whole instance at this moment in a few numbers. Pure. */

import type { LiveState } from '@/api/types'

export function liveSums({ models, consumers }: LiveState) {
  const sum = (part: (model: LiveState['models'][number]) => number) =>
    models.reduce((total, model) => total + part(model), 0)
  return {
    queued: sum(({ queued }) => queued),
    workers: sum(({ workers }) => workers),
    draining: sum(({ draining }) => draining),
    slots: sum(({ slots }) => slots),
    busy: sum(({ slots, free }) => Math.max(0, slots - free)),
    tokensPerS: sum(({ tokens_per_s }) => tokens_per_s),
    behindMs: Math.max(0, ...consumers.map(({ behind_ms }) => behind_ms)),
  }
}
