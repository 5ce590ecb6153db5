/** The name of a file in a `Content-Disposition` header. Pure. */

const PLAIN = /filename="?([^";]+)"?/i
const ENCODED = /filename\*=UTF-8''([^;]+)/i

export function fileNameOf(header: string | null): string | undefined {
  const encoded = header?.match(ENCODED)?.[1]
  if (encoded !== undefined) {
    try {
      return decodeURIComponent(encoded)
    } catch {
      // The plain one will do.
    }
  }
  return header?.match(PLAIN)?.[1]
}
