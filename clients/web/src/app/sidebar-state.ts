/** Whether the sidebar is open on wide screens; it is as it was left. */

import { create } from 'zustand'

const STORED_AS = 'rivulet-sidebar'

export const useSidebar = create<{ open: boolean; toggle: () => void }>()((set) => ({
  open: localStorage.getItem(STORED_AS) !== 'closed',
  toggle: () =>
    set(({ open }) => {
      localStorage.setItem(STORED_AS, open ? 'closed' : 'open')
      return { open: !open }
    }),
}))
