// Writes a brotli and a gzip twin beside each built file that they make smaller.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const DIST = path.resolve(import.meta.dirname, '../dist')
const WORTH_IT = new Set(['.css', '.html', '.js', '.json', '.svg', '.webmanifest'])
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }

for (const name of readdirSync(DIST, { recursive: true })) {
  const file = path.join(DIST, name)
  if (!WORTH_IT.has(path.extname(file))) continue
  const content = readFileSync(file)
  const twins = {
    '.br': brotliCompressSync(content, BROTLI),
    '.gz': gzipSync(content, { level: 9 }),
  }
  for (const [suffix, twin] of Object.entries(twins)) {
    if (twin.length < content.length) writeFileSync(file + suffix, twin)
  }
}
