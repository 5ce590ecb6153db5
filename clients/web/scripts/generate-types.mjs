// Writes src/api/openapi.gen.ts from the types of the Python code; with --check only compares.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import openapiTS, { astToString } from 'openapi-typescript'

const here = import.meta.dirname
const root = path.resolve(here, '../../..')
const target = path.resolve(here, '../src/api/openapi.gen.ts')
const python = process.env.PYTHON ?? path.join(root, '.venv/bin/python')
const HEAD = `// Generated from the Python types by \`make web-types\`. Do not edit.\n\n`

function readDocument() {
  const script = path.join(here, 'types_document.py')
  const options = { cwd: root, env: { ...process.env, PYTHONPATH: root }, maxBuffer: 2 ** 26 }
  return JSON.parse(execFileSync(python, [script], options).toString())
}

const types =
  HEAD +
  astToString(await openapiTS(readDocument(), { defaultNonNullable: false, alphabetize: true }))

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== types) {
    console.error('clients/web/src/api/openapi.gen.ts is stale: run `make web-types`.')
    process.exit(1)
  }
} else {
  writeFileSync(target, types)
  console.log('clients/web/src/api/openapi.gen.ts is written')
}
