import { cn } from '@/components/class-names'

/** Three waves: the mark of Rivulet. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg
      viewBox="0 0 36 32"
      aria-hidden
      className={cn('size-6 text-primary', className)}
      fill="none"
      stroke="currentColor"
      strokeWidth={4}
      strokeLinecap="round"
    >
      <path d="M2 7c5-5 11-5 16 0s11 5 16 0" />
      <path d="M2 17c5-5 11-5 16 0s11 5 16 0" opacity={0.7} />
      <path d="M2 27c5-5 11-5 16 0s11 5 16 0" opacity={0.4} />
    </svg>
  )
}
