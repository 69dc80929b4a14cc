import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

/** Paths that are the provider's, not the app's: the service worker leaves them alone. */
const providerPaths = [
  'admin',
  'docs',
  'hand-in',
  'healthz',
  'me',
  'metrics',
  'openapi.json',
  'operator',
  'peer',
  'points',
  'provider',
  'readyz',
  'trust-list',
];

/** In development the provider of this address answers below the app's own origin. */
const provider = process.env.P2P_POWER_PROVIDER_URL;

export default defineConfig({
  base: './',
  plugins: [
    react(),
    VitePWA({
      registerType: 'autoUpdate',
      injectRegister: 'script-defer',
      manifest: {
        name: 'P2P-Power',
        short_name: 'P2P-Power',
        description: 'Charge anywhere, pay on your own electricity bill.',
        lang: 'de',
        start_url: './',
        scope: './',
        display: 'standalone',
        background_color: '#f3f6f3',
        theme_color: '#0a6b4d',
        icons: [
          { src: 'icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: 'icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: 'icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
          { src: 'icon.svg', sizes: 'any', type: 'image/svg+xml' },
        ],
      },
      workbox: {
        globPatterns: ['**/*.{html,js,mjs,css,svg,png,json,webmanifest}'],
        maximumFileSizeToCacheInBytes: 4_000_000,
        navigateFallback: 'index.html',
        navigateFallbackDenylist: [new RegExp(`^/(${providerPaths.join('|')})(/|$)`)],
        ignoreURLParametersMatching: [/.*/],
        cleanupOutdatedCaches: true,
        clientsClaim: true,
        skipWaiting: true,
      },
    }),
  ],
  worker: { format: 'es' },
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2023', chunkSizeWarningLimit: 1_200 },
  server: provider ? { proxy: Object.fromEntries(providerPaths.map((path) => [`/${path}`, provider])) } : {},
});
