import { expect, test } from 'vitest'

import { keysText, pressedShortcut, type Pressed } from './shortcuts'

const PC = { mac: false, typing: false, singleKeys: true }

function press(key: string, modifiers: Partial<Pressed> = {}): Pressed {
  const none = { ctrlKey: false, metaKey: false, shiftKey: false, altKey: false }
  return { key, ...none, isComposing: false, ...modifiers }
}

test('modifiers decide', () => {
  expect(pressedShortcut(press('O', { ctrlKey: true, shiftKey: true }), PC)).toBe('newChat')
  expect(pressedShortcut(press('o', { ctrlKey: true }), PC)).toBeUndefined()
  expect(pressedShortcut(press('k', { ctrlKey: true }), PC)).toBe('search')
  expect(pressedShortcut(press('k', { metaKey: true }), PC)).toBeUndefined()
  expect(pressedShortcut(press('k', { metaKey: true }), { ...PC, mac: true })).toBe('search')
  expect(pressedShortcut(press('k', { ctrlKey: true, altKey: true }), PC)).toBeUndefined()
})

test('a single key does nothing in a text, or where it is switched off', () => {
  const question = press('?', { shiftKey: true })
  expect(pressedShortcut(question, PC)).toBe('help')
  expect(pressedShortcut(question, { ...PC, typing: true })).toBeUndefined()
  expect(pressedShortcut(question, { ...PC, singleKeys: false })).toBeUndefined()
  expect(pressedShortcut(press('/', { ctrlKey: true }), { ...PC, typing: true })).toBe('help')
})

test('a sign may need Shift', () => {
  expect(pressedShortcut(press('/', { ctrlKey: true, shiftKey: true }), PC)).toBe('help')
})

test('what an input method composes is left alone', () => {
  expect(pressedShortcut(press('k', { ctrlKey: true, isComposing: true }), PC)).toBeUndefined()
})

test('keys are called as on the keyboard', () => {
  expect(keysText('newChat', false)).toBe('Ctrl+Shift+O')
  expect(keysText('newChat', true)).toBe('⇧⌘O')
  expect(keysText('focusComposer', false)).toBe('Shift+Esc')
})
