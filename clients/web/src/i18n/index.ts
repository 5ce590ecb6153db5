/**
 * The words of the interface. One folder a language, one file a feature.
 *
 * English is there at once, but for pages that few open, and is what a missing word falls back to;
 * other languages come when chosen.
 */

import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'

export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const
export type Language = keyof typeof LANGUAGES

const STORED_AS = 'rivulet-language'
type Words = Record<string, unknown>
export type LateFeature = 'admin' | 'settings' | 'usage'

const english = import.meta.glob<Words>(
  ['./en/*.json', '!./en/admin.json', '!./en/settings.json', '!./en/usage.json'],
  { eager: true, import: 'default' },
)
const lateEnglish: Record<LateFeature, () => Promise<{ default: Words }>> = {
  admin: () => import('./en/admin.json'),
  settings: () => import('./en/settings.json'),
  usage: () => import('./en/usage.json'),
}
const others = import.meta.glob<Words>(['./*/*.json', '!./en/*.json'], { import: 'default' })

/** Begin with the language of the last visit, else the browser's. */
export async function startLanguages(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: 'en',
    defaultNS: 'app',
    resources: {
      en: Object.fromEntries(
        Object.entries(english).map(([file, words]) => [featureOf(file), words]),
      ),
    },
    interpolation: { escapeValue: false },
  })
  await speak(preferred(), { keep: false })
}

/** Fetch the English words of a feature that are not there from the start. */
export async function loadWords(feature: LateFeature): Promise<void> {
  if (i18next.hasResourceBundle('en', feature)) return
  const { default: words } = await lateEnglish[feature]()
  i18next.addResourceBundle('en', feature, words)
}

/** Change the language of the whole page. */
export async function speak(language: Language, { keep = true } = {}): Promise<void> {
  const files = Object.entries(others).filter(([file]) => file.startsWith(`./${language}/`))
  await Promise.all(
    files.map(async ([file, load]) => {
      i18next.addResourceBundle(language, featureOf(file), await load())
    }),
  )
  await i18next.changeLanguage(language)
  document.documentElement.lang = language
  if (keep) localStorage.setItem(STORED_AS, language)
}

function preferred(): Language {
  const wished = [localStorage.getItem(STORED_AS), ...navigator.languages]
  for (const tag of wished) {
    const language = tag?.split('-')[0]
    if (language !== undefined && language in LANGUAGES) return language as Language
  }
  return 'en'
}

function featureOf(file: string): string {
  return file.replace(/^.*\/|\.json$/g, '')
}
