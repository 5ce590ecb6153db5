import { expect, it } from 'vitest'

import { highlighted, phrasesOf } from './search-phrases'

function marked(text: string, search: string): string {
  return highlighted(text, phrasesOf(search))
    .map((part) => (part.found ? `[${part.text}]` : part.text))
    .join('')
}

it('reads words and quoted phrases', () => {
  expect(phrasesOf('"reply stream" frame')).toEqual(['reply stream', 'frame'])
  expect(phrasesOf(' "not  closed')).toEqual(['not closed'])
  expect(phrasesOf('? "" ...')).toEqual([])
})

it('marks whole words in any case', () => {
  expect(marked('A frame, Frames and a FRAME.', 'frame')).toBe('A [frame], Frames and a [FRAME].')
  expect(marked('Das Öl und Ölfass', 'öl')).toBe('Das [Öl] und Ölfass')
})

it('marks phrases over the ends of lines, and prefers the longer one', () => {
  expect(marked('the reply\n stream and a reply', 'reply "reply stream"')).toBe(
    'the [reply\n stream] and a [reply]',
  )
})

it('takes what people type for text', () => {
  expect(marked('costs (a.b) or axb', '(a.b)')).toBe('costs [(a.b)] or axb')
  expect(marked('x-y and c++', 'x-y c++')).toBe('[x-y] and [c++]')
  expect(marked('nothing', '')).toBe('nothing')
})
