/** Which addresses of a model's output become links. Pure. */

const SAFE = new Set(['http:', 'https:', 'mailto:', 'tel:'])

/** Return the address if a click on it can do no harm here. */
export function safeUrl(address: string): string | undefined {
  try {
    // A base that is no host of anybody: relative addresses are no links of ours.
    const url = new URL(address, 'relative:')
    return SAFE.has(url.protocol) ? url.href : undefined
  } catch {
    return undefined
  }
}
