/** How long to wait before the next try. Pure. */

const FIRST_MS = 250
const LONGEST_MS = 15_000

/** Double with each failure, and differ, so that not all readers come back at once. */
export function backoffMs(failures: number, random: number = Math.random()): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10))
  return ceiling * (0.5 + random / 2)
}
