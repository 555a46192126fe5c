#!/usr/bin/env node
// forge asks a compiler two things: `--version`, and `--standard-json` on stdin.
// npm's solc is the same compiler as a WebAssembly module; this gives it that command line.
import { readFileSync } from 'node:fs'
import solc from 'solc'

if (process.argv.includes('--version')) {
  console.log('solc, the solidity compiler commandline interface')
  console.log(`Version: ${solc.version()}`)
} else if (process.argv.includes('--standard-json')) {
  process.stdout.write(solc.compile(readFileSync(0, 'utf8')))
} else {
  console.error(`Not understood: ${process.argv.slice(2).join(' ')}. This wrapper knows --version and --standard-json.`)
  process.exit(1)
}
