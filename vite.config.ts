import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

export default defineConfig({
  // Relative paths: the built folder works from any static host and from an IPFS gateway.
  base: './',
  resolve: {
    // transformers.js is here for its tokenizers; no ONNX graph is run, so no ONNX runtime is shipped.
    alias: { 'onnxruntime-web/webgpu': 'onnxruntime-common', 'onnxruntime-web': 'onnxruntime-common' },
  },
  plugins: [svelte()],
  worker: { format: 'es' },
  // What only workers import is found at the start, not at the first use with a reload.
  optimizeDeps: { entries: ['index.html', 'workers/*.worker.ts'] },
  build: { target: 'es2023', chunkSizeWarningLimit: 2500 },
})
