/** How large a part of the whole is; the numbers beside it say it in words. */
export function ShareBar({ share }: { share: number }) {
  return (
    <svg aria-hidden className="mt-1.5 block h-1.5 w-full" preserveAspectRatio="none">
      <rect width="100%" height="100%" rx={3} className="fill-muted" />
      <rect
        width={`${Math.max(0.5, share * 100)}%`}
        height="100%"
        rx={3}
        className="fill-chart-1"
      />
    </svg>
  )
}
