import { useTranslation } from 'react-i18next'

import { SectionsPage } from '@/components/sections-page'

import { SECTIONS } from './sections'

export default function SettingsPage() {
  const { t } = useTranslation('settings')
  const tabs = SECTIONS.map(({ path, icon }) => ({ path, icon, name: t(`sections.${path}`) }))
  return <SectionsPage title={t('title')} tabs={tabs} />
}
