/** The sums of nothing. Pure. */

import type { TimedPoint, UsagePoint } from '@/api/types'

export function emptyPoint(at: number): UsagePoint {
  return {
    at_ms: at,
    replies: 0,
    completed: 0,
    cancelled: 0,
    failed: 0,
    failed_over: 0,
    titles: 0,
    prompt_tokens: 0,
    cached_tokens: 0,
    completion_tokens: 0,
    cost: null,
  }
}

const NOTHING = { p50: null, p95: null, p99: null }

export function emptyTimedPoint(at: number): TimedPoint {
  const latency = { queue_ms: NOTHING, first_token_ms: NOTHING, inter_token_ms: NOTHING }
  return { ...emptyPoint(at), clients: {}, errors: {}, latency }
}
