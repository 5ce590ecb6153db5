import { highlighted } from './search-phrases'

/** A text in which what was searched for is marked. */
export function Highlighted({ text, phrases }: { text: string; phrases: readonly string[] }) {
  return highlighted(text, phrases).map(({ text: part, found }, index) =>
    found ? (
      <mark key={index} className="rounded-xs bg-primary/20 font-medium text-inherit">
        {part}
      </mark>
    ) : (
      part
    ),
  )
}
