import { useTranslation } from 'react-i18next'

import { Logo } from '@/components/logo'
import { useSession } from '@/session/session-store'

import { ChatFooter } from './chat-footer'

export default function NewChatPage() {
  const { t } = useTranslation('chat')
  const name = useSession(({ user }) => user?.name.split(' ')[0])
  return (
    <div className="flex min-h-0 flex-1 flex-col justify-end sm:justify-center sm:pb-[12vh]">
      <div className="mx-auto mb-auto grid w-full max-w-3xl justify-items-center gap-4 px-4 pt-[22vh] text-center sm:mb-8 sm:pt-0">
        <Logo className="size-10" />
        <h1 className="text-2xl font-semibold tracking-tight text-balance sm:text-3xl">
          {name ? t('greetingName', { name }) : t('greeting')}
        </h1>
      </div>
      <div className="mx-auto w-full max-w-3xl px-4">
        <ChatFooter />
      </div>
    </div>
  )
}
