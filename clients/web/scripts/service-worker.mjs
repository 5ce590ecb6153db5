// Writes dist/sw.js: the worker's source with the files of the shell and a digest of their content.
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { DIST, chunksOf, firstLoad, withImports } from './first-load.mjs'

const SOURCE = path.resolve(import.meta.dirname, '../service-worker/worker.js')
const PLAIN = ['index.html', 'theme.js', 'icon.svg', 'icon-192.png', 'manifest.webmanifest']

const pages = chunksOf((name) => /^src\/(session\/.*-page\.tsx|i18n\/)/.test(name))
const styles = readdirSync(path.join(DIST, 'assets'))
  .filter((name) => /^index-.*\.css$/.test(name))
  .map((name) => `assets/${name}`)
const files = [...new Set([...PLAIN, ...styles, ...firstLoad(), ...withImports(pages)])].sort()

const source = readFileSync(SOURCE, 'utf8')
const digest = createHash('sha256').update(source)
for (const file of files) digest.update(readFileSync(path.join(DIST, file)))
const worker = source
  .replace('__VERSION__', digest.digest('hex').slice(0, 16))
  .replace('__SHELL__', JSON.stringify(files.map((file) => `/${file}`)))
writeFileSync(path.join(DIST, 'sw.js'), worker)
