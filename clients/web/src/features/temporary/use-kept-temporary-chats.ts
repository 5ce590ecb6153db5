import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'

import { keepTemporaryChats } from './temporary-chats'

export function useKeptTemporaryChats(): void {
  const client = useQueryClient()
  useEffect(() => keepTemporaryChats(client), [client])
}
