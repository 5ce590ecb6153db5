// @vitest-environment jsdom
import { act, render } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { SpokenReply } from './spoken-reply'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function wait(ms: number): void {
  act(() => void vi.advanceTimersByTime(ms))
}

test('sentences are said while text keeps coming, and the last one when it has ended', () => {
  const { container, rerender } = render(<SpokenReply text="" ended={false} />)
  let text = ''
  for (const word of 'The river runs. It goes on and on'.split(/(?<= )/)) {
    text += word
    rerender(<SpokenReply text={text} ended={false} />)
    wait(400)
  }
  expect(container.textContent).toBe('The river runs.')
  rerender(<SpokenReply text={text} ended />)
  wait(1)
  expect(container.textContent).toBe('It goes on and on')
})
