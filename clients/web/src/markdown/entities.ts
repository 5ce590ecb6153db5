/** Character references (`&amp;`, `&#x1F30D;`) as the characters that they stand for. */

const REFERENCE = /&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});/gi

export function decodeEntities(text: string): string {
  return text.includes('&') ? text.replace(REFERENCE, decoded) : text
}

function decoded(reference: string): string {
  // The browser knows all names. A textarea holds text only, so nothing in it is ever run.
  const area = document.createElement('textarea')
  area.innerHTML = reference
  return area.value
}
