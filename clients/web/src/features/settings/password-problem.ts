/** What is wrong with a password form before anybody is asked. Pure. */

const SHORTEST = 8
const LONGEST = 256

export interface PasswordFormValues {
  readonly old: string
  readonly wanted: string
  readonly again: string
}

export interface PasswordProblem {
  readonly field: keyof PasswordFormValues
  readonly reason: 'missing' | 'tooShort' | 'tooLong' | 'same' | 'different'
}

/** Return the first field that has to change. */
export function passwordProblem(form: PasswordFormValues): PasswordProblem | undefined {
  const { old, wanted, again } = form
  // The server counts characters, not what JavaScript takes for them.
  const length = Array.from(wanted).length
  if (old === '') return { field: 'old', reason: 'missing' }
  if (length < SHORTEST) return { field: 'wanted', reason: 'tooShort' }
  if (length > LONGEST) return { field: 'wanted', reason: 'tooLong' }
  if (wanted === old) return { field: 'wanted', reason: 'same' }
  if (again !== wanted) return { field: 'again', reason: 'different' }
  return undefined
}
