import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { START, fold, foldAll, type Frame } from './fold'

interface GoldenStream {
  name: string
  frames: Frame[]
  emitted: string[]
  expect: { text: string; tokens: number; characters: number; n: number; ended: boolean }
}

const FIXTURES = path.resolve(import.meta.dirname, '../../../../schemas/fixtures')
const STREAMS = readdirSync(FIXTURES).map(
  (file) => JSON.parse(readFileSync(path.join(FIXTURES, file), 'utf8')) as GoldenStream,
)

describe('the golden streams', () => {
  it('are there', () => {
    expect(STREAMS.length).toBeGreaterThanOrEqual(18)
  })

  it.each(STREAMS)('$name', (stream) => {
    let state = START
    const emitted = stream.frames.map((frame) => {
      const step = fold(state, frame)
      expect(step.state.characters).toBe(state.characters + Array.from(step.text).length)
      expect(step.state.tokens).toBe(state.tokens + step.tokenIds.length)
      state = step.state
      return step.text
    })
    expect(emitted).toEqual(stream.emitted)
    const { text, tokens, characters, n, ended } = stream.expect
    expect({ tokens: state.tokens, characters: state.characters, n: state.n }).toEqual({
      tokens,
      characters,
      n,
    })
    expect(state.ended).toBe(ended)
    expect(foldAll(stream.frames).text).toBe(text)
  })
})
