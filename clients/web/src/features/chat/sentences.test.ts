import { expect, it } from 'vitest'

import { finishedSentences } from './sentences'

it('says only what is finished', () => {
  expect(finishedSentences('One two. Three fo', 0)).toEqual({ spoken: 'One two.', until: 9 })
  expect(finishedSentences('One two. Three four! ', 9)).toEqual({
    spoken: 'Three four!',
    until: 21,
  })
  expect(finishedSentences('3.14 is not', 0)).toEqual({ spoken: '', until: 0 })
})

it('takes the end of a paragraph for the end of a sentence', () => {
  expect(finishedSentences('# A title\n\nand', 0)).toEqual({ spoken: 'A title', until: 11 })
})
