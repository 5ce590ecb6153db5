import { useTranslation } from 'react-i18next'

import { SectionsPage } from '@/components/sections-page'
import { useSession } from '@/session/session-store'

import { NoAdmin } from './no-admin'
import { SECTIONS } from './sections'

/** For admins only. The server refuses others as well; this says it before anything is asked. */
export default function AdminPage() {
  const { t } = useTranslation('admin')
  const admin = useSession(({ user }) => user?.role === 'admin')
  if (!admin) return <NoAdmin />
  const tabs = SECTIONS.map(({ path, icon }) => ({ path, icon, name: t(`sections.${path}`) }))
  return <SectionsPage title={t('title')} tabs={tabs} wide />
}
