import './styles.css'

import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { App } from './app/app'
import { startTheme } from './app/theme'
import { startLanguages } from './i18n'
import { startServiceWorker } from './installed/service-worker'

startTheme()
void startLanguages().then(() => {
  const root = document.getElementById('root')
  if (!root) throw new Error('The page has no root.')
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
})
startServiceWorker()
