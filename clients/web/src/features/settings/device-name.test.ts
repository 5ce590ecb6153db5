import { expect, it } from 'vitest'

import { deviceName } from './device-name'

it('shortens what a browser says', () => {
  const edge =
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0'
  const phone =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile/15E148 Safari/604.1'
  expect(deviceName(edge)).toEqual({ name: 'Edge · Windows', phone: false })
  expect(deviceName(phone)).toEqual({ name: 'Safari · iOS', phone: true })
})

it('keeps a name that somebody has given', () => {
  expect(deviceName('laptop')).toEqual({ name: 'laptop', phone: false })
  expect(deviceName('')).toEqual({ name: '', phone: false })
})
