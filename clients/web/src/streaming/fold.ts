/**
 * Folds the frames of a reply into its text: the twin of `schemas/fold.py`. Pure.
 *
 * Frames come in stream order. Lengths are tokens and Unicode code points, as in Python; the
 * golden streams of `schemas/fixtures` fold to the same in both.
 */

import type { components } from '@/api/openapi.gen'

type Schemas = components['schemas']
export type AttemptFrame = Schemas['Attempt']
export type DeltaFrame = Schemas['Delta']
export type NoteFrame = Schemas['Note']
export type EndFrame = Schemas['End']
export type Frame = AttemptFrame | DeltaFrame | NoteFrame | EndFrame

/** What is known of a reply after a frame; `n` is the current attempt, 0 before the first. */
export interface FoldState {
  readonly n: number
  readonly tokens: number
  readonly characters: number
  readonly finish: string | null
  readonly ended: boolean
}

/** The state after a frame, and what the frame has added: nothing, if it was void. */
export interface Step {
  readonly state: FoldState
  readonly text: string
  readonly tokenIds: readonly number[]
  readonly tookOver: boolean
}

export const START: FoldState = { n: 0, tokens: 0, characters: 0, finish: null, ended: false }

/** Apply one frame; one that does not count leaves the state as it was. */
export function fold(state: FoldState, frame: Frame): Step {
  if (state.ended) return unchanged(state)
  switch (frame.kind) {
    case 'delta':
      return foldDelta(state, frame)
    case 'attempt':
      if (frame.n <= state.n) return unchanged(state)
      return { ...unchanged({ ...state, n: frame.n }), tookOver: state.n > 0 }
    case 'note':
      return unchanged(state)
    case 'end':
      return unchanged({ ...state, ended: endCounts(state, frame) })
  }
}

/** Fold a reply's frames from the first on. */
export function foldAll(frames: Iterable<Frame>): { state: FoldState; text: string } {
  let state = START
  const texts: string[] = []
  for (const frame of frames) {
    const step = fold(state, frame)
    texts.push(step.text)
    state = step.state
  }
  return { state, text: texts.join('') }
}

function unchanged(state: FoldState): Step {
  return { state, text: '', tokenIds: [], tookOver: false }
}

function foldDelta(state: FoldState, delta: DeltaFrame): Step {
  const known = state.tokens - delta.offset
  if (delta.n !== state.n || known < 0 || known >= delta.token_ids.length) {
    // Another attempt's, past a hole, or a duplicate.
    return unchanged(state)
  }
  let points = Array.from(delta.text)
  let tokenIds = delta.token_ids
  if (known > 0) {
    const cut = delta.cuts?.length === tokenIds.length ? delta.cuts[known - 1] : undefined
    if (cut === undefined) return unchanged(state)
    points = points.slice(cut)
    tokenIds = tokenIds.slice(known)
  }
  const after: FoldState = {
    n: state.n,
    tokens: state.tokens + tokenIds.length,
    characters: state.characters + points.length,
    finish: delta.finish ?? null,
    ended: false,
  }
  return { state: after, text: points.join(''), tokenIds, tookOver: false }
}

function endCounts(state: FoldState, end: EndFrame): boolean {
  if (end.n !== null && end.n !== state.n) return false
  return end.tokens === null || end.tokens === state.tokens
}
