import { useTranslation } from 'react-i18next'

import type { AllUsage } from '@/api/types'
import { Section } from '@/components/section'
import { NumberTd, NumberTh, Table, Td, Th } from '@/components/ui/table'
import { ShareBar } from '@/features/usage/share-bar'
import { useFormats } from '@/i18n/formats'

/** The users with the most tokens. */
export function TopUsers({ users, currency }: Pick<AllUsage, 'users' | 'currency'>) {
  const { t } = useTranslation('admin')
  const formats = useFormats()
  const tokensOf = (user: AllUsage['users'][number]) => user.prompt_tokens + user.completion_tokens
  const most = Math.max(1, ...users.map(tokensOf))
  if (users.length === 0) return null
  return (
    <Section title={t('topUsers.title')} hint={t('topUsers.hint')}>
      <Table aria-label={t('topUsers.title')}>
        <thead>
          <tr>
            <Th>{t('topUsers.user')}</Th>
            <NumberTh>{t('topUsers.replies')}</NumberTh>
            <NumberTh>{t('topUsers.failed')}</NumberTh>
            <NumberTh>{t('topUsers.tokens')}</NumberTh>
            {currency !== '' && <NumberTh>{t('topUsers.cost')}</NumberTh>}
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <tr key={user.user_id}>
              <Td className="min-w-52">
                <span className="block font-medium wrap-anywhere">
                  {user.name || t('topUsers.nobody')}
                </span>
                <span className="block text-xs wrap-anywhere text-muted-foreground">
                  {user.email || user.user_id}
                </span>
                <ShareBar share={tokensOf(user) / most} />
              </Td>
              <NumberTd>{formats.number(user.replies)}</NumberTd>
              <NumberTd>{formats.number(user.failed)}</NumberTd>
              <NumberTd>{formats.number(tokensOf(user))}</NumberTd>
              {currency !== '' && (
                <NumberTd>{user.cost === null ? '–' : formats.money(user.cost, currency)}</NumberTd>
              )}
            </tr>
          ))}
        </tbody>
      </Table>
    </Section>
  )
}
