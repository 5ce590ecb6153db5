// Fails when a first visit would load more JavaScript than we promise.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'

import { DIST, firstLoad } from './first-load.mjs'

const LIMIT_KB = 250

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
