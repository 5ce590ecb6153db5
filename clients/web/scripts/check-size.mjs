// Fails when a first visit would load more JavaScript than we promise.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'

const LIMIT_KB = 250
const DIST = path.resolve(import.meta.dirname, '../dist')

/** The scripts that index.html names, and what they import at once. */
function firstLoad() {
  const html = readFileSync(path.join(DIST, 'index.html'), 'utf8')
  const waiting = [...html.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map(([, file]) => file)
  // The chat is what nearly everybody opens: its chunks count, although they are a route's.
  const manifest = JSON.parse(readFileSync(path.join(DIST, '.vite/manifest.json'), 'utf8'))
  for (const [source, { file }] of Object.entries(manifest)) {
    if (source.startsWith('src/features/chat/') && source.endsWith('-page.tsx')) waiting.push(file)
  }
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

const files = firstLoad()
const sizes = files.map(
  (file) => gzipSync(readFileSync(path.join(DIST, file)), { level: 9 }).length,
)
const total = sizes.reduce((sum, size) => sum + size, 0) / 1000
console.log(`A first visit loads ${total.toFixed(1)} KB of JavaScript (gzip), at most ${LIMIT_KB}.`)
if (total > LIMIT_KB) {
  files.forEach((file, index) => console.error(`  ${(sizes[index] / 1000).toFixed(1)} KB ${file}`))
  process.exit(1)
}
