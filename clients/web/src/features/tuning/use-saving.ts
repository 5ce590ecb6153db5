import { useMutation } from '@tanstack/react-query'

import type { Tuning } from './tuning-form'

/** Save, and then go; what went wrong stays to be read. */
export function useSaving(keep: (tuning: Tuning) => Promise<void>, saved: () => void) {
  const { mutate, isPending, error } = useMutation({ mutationFn: keep, onSuccess: saved })
  return { save: (tuning: Tuning) => mutate(tuning), saving: isPending, error: error ?? undefined }
}
