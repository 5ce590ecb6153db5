// What a first visit loads: the scripts that index.html names, the chat, and what they import at once.
import { readFileSync } from 'node:fs'
import path from 'node:path'

export const DIST = path.resolve(import.meta.dirname, '../dist')

/** The chunks whose sources `wanted` accepts, by Vite's manifest. */
export function chunksOf(wanted) {
  const manifest = JSON.parse(readFileSync(path.join(DIST, '.vite/manifest.json'), 'utf8'))
  return Object.entries(manifest)
    .filter(([source]) => wanted(source))
    .map(([, { file }]) => file)
}

/** The scripts that index.html names. */
export function namedScripts() {
  const html = readFileSync(path.join(DIST, 'index.html'), 'utf8')
  return [...html.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map(([, file]) => file)
}

/** These files and what they import at once, not what they import when it is needed. */
export function withImports(files) {
  const waiting = [...files]
  const seen = new Set()
  while (waiting.length > 0) {
    const file = waiting.pop()
    if (seen.has(file)) continue
    seen.add(file)
    const code = readFileSync(path.join(DIST, file), 'utf8')
    for (const [, name] of code.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)) {
      waiting.push(path.posix.join(path.posix.dirname(file), name))
    }
  }
  return [...seen]
}

/** The chat is what nearly everybody opens: its chunks count, although they are a route's. */
export function firstLoad() {
  const chat = chunksOf(
    (name) => name.startsWith('src/features/chat/') && name.endsWith('-page.tsx'),
  )
  return withImports([...namedScripts(), ...chat])
}
