import { useQuery } from '@tanstack/react-query'
import { ChevronDownIcon, HourglassIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'

import { cn } from '@/components/class-names'
import { Button } from '@/components/ui/button'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuTrigger,
} from '@/components/ui/dropdown-menu'

import { modelList } from './models'

interface ModelPickerProps {
  model: string | undefined
  choose: (model: string) => void
}

export function ModelPicker({ model, choose }: ModelPickerProps) {
  const { t } = useTranslation('chat')
  const { data: models = [] } = useQuery(modelList)
  const waits = models.some(({ id, ready }) => id === model && !ready)
  const name = model ?? t('noModel')
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button
          variant="ghost"
          size="sm"
          aria-label={t('model', { model: waits ? `${name} (${t('notReady')})` : name })}
          title={waits ? t('notReady') : undefined}
          className="max-w-56 min-w-0 gap-1 text-muted-foreground"
        >
          {waits && <HourglassIcon />}
          <span className="truncate">{name}</span>
          <ChevronDownIcon />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="start" className="max-w-80">
        <DropdownMenuLabel>{models.length > 0 ? t('models') : t('noModelHint')}</DropdownMenuLabel>
        <DropdownMenuRadioGroup value={model ?? ''} onValueChange={choose}>
          {models.map(({ id, ready }) => (
            <DropdownMenuRadioItem key={id} value={id}>
              <span
                aria-hidden
                className={cn('size-2 rounded-full', ready ? 'bg-primary' : 'bg-input')}
              />
              <span className="grid min-w-0">
                <span className="truncate">{id}</span>
                {!ready && <span className="text-xs text-muted-foreground">{t('notReady')}</span>}
              </span>
            </DropdownMenuRadioItem>
          ))}
        </DropdownMenuRadioGroup>
      </DropdownMenuContent>
    </DropdownMenu>
  )
}
