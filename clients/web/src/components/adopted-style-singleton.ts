/**
 * Stands in for `react-style-singleton`, which Radix's dialogs use to lock scrolling.
 *
 * That one makes `<style>` elements, which our policy (`style-src 'self'`) forbids. An adopted style
 * sheet does the same and needs no exception.
 */

import { useEffect } from 'react'

export function stylesheetSingleton() {
  let users = 0
  let sheet: CSSStyleSheet | undefined
  return {
    add: (style: string) => {
      users += 1
      if (sheet) return
      sheet = new CSSStyleSheet()
      sheet.replaceSync(style)
      document.adoptedStyleSheets.push(sheet)
    },
    remove: () => {
      users -= 1
      if (users > 0) return
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet)
      sheet = undefined
    },
  }
}

export function styleHookSingleton() {
  const sheet = stylesheetSingleton()
  return function useStyle(style: string, dynamic?: boolean) {
    useEffect(() => {
      sheet.add(style)
      return () => sheet.remove()
    }, [style, dynamic])
  }
}

export function styleSingleton() {
  const useStyle = styleHookSingleton()
  return function Sheet({ styles, dynamic }: { styles: string; dynamic?: boolean }) {
    useStyle(styles, dynamic)
    return null
  }
}
