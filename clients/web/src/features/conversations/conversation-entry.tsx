import {
  ArchiveIcon,
  EllipsisIcon,
  PencilIcon,
  PinIcon,
  PinOffIcon,
  Trash2Icon,
} from 'lucide-react'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { NavLink } from 'react-router'

import type { ConversationSummary } from '@/api/types'
import { cn } from '@/components/class-names'
import { Button } from '@/components/ui/button'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '@/components/ui/dropdown-menu'
import { Input } from '@/components/ui/input'

import { ExportItems } from './export-items'
import { useArchiveWithUndo } from './use-archive-with-undo'
import { useChangeConversation } from './use-conversation-changes'
import { useDeleteWithUndo } from './use-delete-with-undo'

interface EntryProps {
  conversation: ConversationSummary
  /** One of its replies is being written. */
  running: boolean
}

export function ConversationEntry({ conversation, running }: EntryProps) {
  const { t } = useTranslation('conversations')
  const [renaming, setRenaming] = useState(false)
  const { conversation_id: id, title } = conversation
  if (renaming) return <RenameEntry conversation={conversation} done={() => setRenaming(false)} />
  return (
    <div data-conversation className="group relative">
      <NavLink
        to={`/c/${id}`}
        className={({ isActive }) =>
          cn(
            'flex h-9 items-center gap-2 rounded-lg pr-9 pl-3 text-sm outline-none hover:bg-accent focus-visible:ring-2 focus-visible:ring-ring',
            isActive && 'bg-accent font-medium',
          )
        }
      >
        <span className="truncate" dir="auto">
          {title || t('untitled')}
        </span>
        {running && (
          <span
            role="img"
            aria-label={t('running')}
            className="ml-auto size-2 shrink-0 animate-breathe rounded-full bg-primary"
          />
        )}
      </NavLink>
      <EntryMenu conversation={conversation} rename={() => setRenaming(true)} />
    </div>
  )
}

function EntryMenu({
  conversation,
  rename,
}: {
  conversation: ConversationSummary
  rename: () => void
}) {
  const { t } = useTranslation('conversations')
  const change = useChangeConversation()
  const archive = useArchiveWithUndo()
  const remove = useDeleteWithUndo()
  const { conversation_id: id, title, pinned } = conversation
  const trigger = useRef<HTMLButtonElement>(null)
  const next = useRef<HTMLElement>(undefined)
  const leave = (act: (conversation: ConversationSummary) => void) => {
    next.current = neighbour(trigger.current)
    act(conversation)
  }
  return (
    <DropdownMenu modal={false}>
      <DropdownMenuTrigger asChild>
        <Button
          ref={trigger}
          variant="ghost"
          size="icon-sm"
          aria-label={t('actions', { title: title || t('untitled') })}
          className="absolute top-0.5 right-0.5 text-muted-foreground opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 aria-expanded:opacity-100 pointer-coarse:opacity-100"
        >
          <EllipsisIcon />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent
        align="start"
        onCloseAutoFocus={(event) => {
          if (next.current === undefined) return
          event.preventDefault()
          next.current.focus()
        }}
      >
        <DropdownMenuItem onSelect={() => change.mutate({ id, change: { pinned: !pinned } })}>
          {pinned ? <PinOffIcon /> : <PinIcon />}
          {pinned ? t('unpin') : t('pin')}
        </DropdownMenuItem>
        <DropdownMenuItem onSelect={rename}>
          <PencilIcon />
          {t('rename')}
        </DropdownMenuItem>
        <DropdownMenuItem onSelect={() => leave(archive)}>
          <ArchiveIcon />
          {t('archive')}
        </DropdownMenuItem>
        <ExportItems conversation={conversation} />
        <DropdownMenuSeparator />
        <DropdownMenuItem variant="destructive" onSelect={() => leave(remove)}>
          <Trash2Icon />
          {t('delete')}
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  )
}

/** What the keyboard goes on with when the row of a button has gone. */
function neighbour(button: HTMLElement | null): HTMLElement | undefined {
  const row = button?.closest('[data-conversation]')
  const rows = [...document.querySelectorAll('[data-conversation]')]
  const at = row ? rows.indexOf(row) : -1
  const link = (rows[at + 1] ?? rows[at - 1])?.querySelector('a')
  return link ?? document.getElementById('content') ?? undefined
}

function RenameEntry({
  conversation,
  done,
}: {
  conversation: ConversationSummary
  done: () => void
}) {
  const { t } = useTranslation('conversations')
  const change = useChangeConversation()
  const [title, setTitle] = useState(conversation.title)
  const save = () => {
    const wanted = title.trim()
    if (wanted !== '' && wanted !== conversation.title) {
      change.mutate({ id: conversation.conversation_id, change: { title: wanted } })
    }
    done()
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <Input
        autoFocus
        aria-label={t('rename')}
        className="h-9"
        maxLength={300}
        value={title}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setTitle(event.target.value)}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.key === 'Escape') done()
        }}
      />
    </form>
  )
}
