/** Return the address that people open for a conversation's `share_path`. Pure. */
export function shareLink(sharePath: string, origin: string): string {
  return `${origin}/s/${sharePath.slice(sharePath.lastIndexOf('/') + 1)}`
}
