/**
 * The Idempotency-Key of an import. A file that is tried again after a failure keeps its key, so
 * that nothing comes twice; one that was imported gets a new one, so that what was deleted since
 * can be brought back.
 */

import { randomKey } from '@/features/chat/prompt-key'

type Named = Pick<File, 'name' | 'size' | 'lastModified'>

export class ImportKeys {
  readonly #unfinished = new Map<string, string>()

  keyOf(file: Named): string {
    const known = this.#unfinished.get(nameOf(file))
    if (known !== undefined) return known
    const key = randomKey()
    this.#unfinished.set(nameOf(file), key)
    return key
  }

  done(file: Named): void {
    this.#unfinished.delete(nameOf(file))
  }
}

function nameOf({ name, size, lastModified }: Named): string {
  return [name, size, lastModified].join('/')
}
