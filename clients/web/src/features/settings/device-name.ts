/** What a sign-in's device is called: a browser says what it is at great length. Pure. */

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bCriOS\/|\bChrom(e|ium)\/|\bHeadlessChrome\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
]
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
]

export interface DeviceName {
  readonly name: string
  readonly phone: boolean
}

/** Return a short name; empty where nothing is known. */
export function deviceName(device: string): DeviceName {
  if (!device.startsWith('Mozilla/')) return { name: device, phone: false }
  const parts = [found(BROWSERS, device), found(SYSTEMS, device)].filter(Boolean)
  return { name: parts.join(' · '), phone: /Mobile|iPhone|Android/.test(device) }
}

function found(list: readonly (readonly [RegExp, string])[], text: string): string | undefined {
  return list.find(([pattern]) => pattern.test(text))?.[1]
}
