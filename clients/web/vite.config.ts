import path from 'node:path'

import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// `npm run dev` shows the sources against a stack that runs already.
const gateway = process.env['RIVULET_URL'] ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: {
    alias: {
      '@': path.resolve(import.meta.dirname, 'src'),
      // Radix's dialogs lock scrolling by a <style> element, which the policy forbids.
      'react-style-singleton': path.resolve(
        import.meta.dirname,
        'src/components/adopted-style-singleton.ts',
      ),
    },
  },
  build: {
    target: 'es2022',
    // Inlined files would be data: URLs, which the policy allows for pictures only.
    assetsInlineLimit: 0,
    sourcemap: false,
    manifest: true,
    chunkSizeWarningLimit: 900,
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/v1', '/docs', '/openapi.json'].map((prefix) => [prefix, gateway]),
    ),
  },
  test: {
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
  },
})
