/** Runs something in one tab at a time. */

const LEASE_MS = 10_000
const POLL_MS = 50

/** Run `task` while no other tab runs one of this name. */
export async function exclusively<Result>(
  name: string,
  task: () => Promise<Result>,
): Promise<Result> {
  // Web Locks need a secure context; a plain address in a local network is none.
  if ('locks' in navigator) return navigator.locks.request(name, task) as Promise<Result>
  await takeLease(name)
  try {
    return await task()
  } finally {
    localStorage.removeItem(name)
  }
}

/** Good enough where two tabs seldom ask in the same few milliseconds. */
async function takeLease(name: string): Promise<void> {
  const mine = String(Math.random())
  for (;;) {
    const [, until] = (localStorage.getItem(name) ?? '').split(' ')
    if (Number(until ?? 0) < Date.now()) {
      localStorage.setItem(name, `${mine} ${Date.now() + LEASE_MS}`)
      await pause(POLL_MS)
      if (localStorage.getItem(name)?.startsWith(mine)) return
    }
    await pause(POLL_MS)
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
