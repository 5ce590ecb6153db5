import { ChevronDownIcon } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { Conversation } from '@/api/types'
import { ErrorNote } from '@/components/error-note'
import { Button } from '@/components/ui/button'
import {
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from '@/components/ui/dialog'
import { Spinner } from '@/components/ui/spinner'

import { NumberField } from './number-field'
import { TextField } from './text-field'
import {
  UNTUNED,
  errorsOf,
  formOf,
  isTuned,
  tuningOf,
  type NumberName,
  type Tuning,
  type TuningForm,
} from './tuning-form'
import { useSaving } from './use-saving'
import { useKeepTuning } from './use-tuning'

interface TuningDialogProps {
  conversation: Conversation | undefined
  tuning: Tuning
  temporary: boolean
  close: () => void
}

const FIRST: NumberName[] = ['temperature', 'top_p', 'max_tokens', 'seed']
const MORE: NumberName[] = [
  'top_k',
  'min_p',
  'presence_penalty',
  'frequency_penalty',
  'repetition_penalty',
]

/** Instructions and parameters of a conversation. */
export default function TuningDialog({
  conversation,
  tuning,
  temporary,
  close,
}: TuningDialogProps) {
  const { t } = useTranslation('tuning')
  const [form, setForm] = useState(() => formOf(tuning))
  const keep = useKeepTuning(conversation)
  const { save, saving, error } = useSaving(keep, close)
  const errors = errorsOf(form)
  const valid = Object.keys(errors).length === 0
  const write = (name: keyof TuningForm) => (value: string) => setForm({ ...form, [name]: value })
  const number = (name: NumberName) => (
    <NumberField
      key={name}
      name={name}
      value={form[name]}
      error={errors[name]}
      write={write(name)}
    />
  )
  return (
    <DialogContent className="max-w-xl">
      <DialogHeader>
        <DialogTitle>{t('title')}</DialogTitle>
        <DialogDescription>{t(conversation ? 'about' : 'aboutNew')}</DialogDescription>
      </DialogHeader>
      <form
        className="grid gap-5"
        onSubmit={(event) => {
          event.preventDefault()
          if (valid) save(tuningOf(form, tuning))
        }}
      >
        {temporary ? (
          <p className="text-sm text-muted-foreground">{t('noSystem')}</p>
        ) : (
          <TextField
            name="system"
            rows={5}
            value={form.system}
            error={errors.system}
            write={write('system')}
          />
        )}
        <div className="grid gap-x-4 gap-y-5 sm:grid-cols-2">{FIRST.map(number)}</div>
        <TextField
          name="stop"
          rows={2}
          value={form.stop}
          error={errors.stop}
          write={write('stop')}
        />
        <details className="group" open={MORE.some((name) => form[name] !== '')}>
          <summary className="flex w-fit cursor-pointer list-none items-center gap-1.5 rounded-md text-sm font-medium text-muted-foreground outline-none hover:text-foreground focus-visible:ring-2 focus-visible:ring-ring">
            <ChevronDownIcon className="size-4 transition-transform group-open:rotate-180" />
            {t('more')}
          </summary>
          <div className="mt-4 grid gap-x-4 gap-y-5 sm:grid-cols-2">{MORE.map(number)}</div>
        </details>
        {error !== undefined && <ErrorNote error={error} />}
        <DialogFooter>
          <Button
            variant="ghost"
            className="mr-auto"
            disabled={!isTuned(tuningOf(form, UNTUNED))}
            onClick={() => setForm(formOf(UNTUNED))}
          >
            {t('reset')}
          </Button>
          <Button type="submit" disabled={!valid || saving}>
            {saving && <Spinner />}
            {t('save')}
          </Button>
        </DialogFooter>
      </form>
    </DialogContent>
  )
}
