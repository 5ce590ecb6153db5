import { useTranslation } from 'react-i18next'

import { Section } from '@/components/section'

import { EraseAccount } from './erase-account'
import { ExportAll } from './export-all'
import { ImportFile } from './import-file'

export default function DataPage() {
  const { t } = useTranslation('settings')
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-12">
      <Section title={t('export.title')} hint={t('export.hint')}>
        <ExportAll />
      </Section>
      <Section title={t('import.title')} hint={t('import.hint')}>
        <ImportFile />
      </Section>
      <Section title={t('erase.title')} hint={t('erase.hint')}>
        <EraseAccount />
      </Section>
    </div>
  )
}
