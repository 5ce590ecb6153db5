/** Pages that come with their words. */

import { lazy, type ComponentType, type LazyExoticComponent } from 'react'

import { loadWords, type LateFeature } from './index'

/** Like `lazy`; also waits for the words of what the page shows. */
export function lazyPage(
  features: readonly LateFeature[],
  load: () => Promise<{ default: ComponentType }>,
): LazyExoticComponent<ComponentType> {
  return lazy(async () => {
    const [page] = await Promise.all([load(), ...features.map(loadWords)])
    return page
  })
}
