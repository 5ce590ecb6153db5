import { useTranslation } from 'react-i18next'

import { Logo } from '@/components/logo'
import { useNewTemporary } from '@/features/temporary/temporary-chats'
import { TemporaryNote } from '@/features/temporary/temporary-note'
import { TemporaryToggle } from '@/features/temporary/temporary-toggle'
import { useSession } from '@/session/session-store'

import { ChatFooter } from './chat-footer'
import { ChatHeader } from './chat-header'

export default function NewChatPage() {
  const { t } = useTranslation('chat')
  const name = useSession(({ user }) => user?.name.split(' ')[0])
  const temporary = useNewTemporary(({ wanted }) => wanted)
  return (
    <>
      <ChatHeader>
        <TemporaryToggle />
      </ChatHeader>
      <div className="flex min-h-0 flex-1 flex-col justify-end sm:justify-center sm:pb-[12vh]">
        <div className="mx-auto mb-auto grid w-full max-w-3xl justify-items-center gap-4 px-4 pt-[22vh] text-center sm:mb-8 sm:pt-0">
          <Logo className="size-10" />
          <h1 className="text-2xl font-semibold tracking-tight text-balance sm:text-3xl">
            {name ? t('greetingName', { name }) : t('greeting')}
          </h1>
          {temporary && <TemporaryNote />}
        </div>
        <div className="mx-auto w-full max-w-3xl px-4">
          <ChatFooter temporary={temporary} />
        </div>
      </div>
    </>
  )
}
