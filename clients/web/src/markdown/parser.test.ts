import { expect, it } from 'vitest'

import { blocksOf, tokensOf } from './parser'

const parse = (text: string, links = {}) => [...tokensOf(text, links)]
const kinds = (text: string) => {
  const [block] = parse(text)
  return block && 'tokens' in block ? (block.tokens ?? []).map(({ type }) => type) : [block?.type]
}

it('takes HTML for text, and Markdown between its marks for Markdown', () => {
  expect(kinds('<script>alert("x")</script> and **bold**')).toEqual(['text', 'strong'])
  expect(kinds('<div>\n**bold**')).toContain('strong')
  expect(kinds('one<br>two')).toEqual(['text', 'html', 'text'])
  expect(kinds('<img src=x onerror=alert(1)>')).toEqual(['text'])
})

it('knows formulas from money', () => {
  expect(kinds('it costs $5 or $6')).toEqual(['text'])
  expect(kinds('then $x^2$ is')).toEqual(['text', 'math', 'text'])
  expect(kinds('then \\(x^2\\) is')).toEqual(['text', 'math', 'text'])
  expect(parse('$$\nx^2\n$$')).toMatchObject([{ type: 'math', tex: 'x^2', display: true }])
  expect(parse('\\[\nx^2\n\\]')).toMatchObject([{ type: 'math', tex: 'x^2', display: true }])
})

it('finds the definitions of a whole text', () => {
  const { links } = blocksOf('See [this][1].\n\n[1]: https://example.org "A title"')
  expect(links['1']).toMatchObject({ href: 'https://example.org' })
  expect(parse('[this][1]', links)).toMatchObject([{ tokens: [{ type: 'link' }] }])
})
