#!/usr/bin/env node
// Prisma's schema engine for machines that cannot download the native one: the WebAssembly build of the same engine
// (@prisma/schema-engine-wasm) behind the JSON-RPC, on standard input and output, that Prisma's command line speaks.
// PRISMA_SCHEMA_ENGINE_BINARY names this file; packages come from the project that it runs in.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'

const require = createRequire(`${process.cwd()}/`)
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    datamodels: { type: 'string', multiple: true },
    datasource: { type: 'string' },
    'enabled-preview-features': { type: 'string' },
    'extension-types': { type: 'string' },
  },
})

const { PrismaPg } = require('@prisma/adapter-pg')
const { bindMigrationAwareSqlAdapterFactory } = require('@prisma/driver-adapter-utils')
const folder = `${process.cwd()}/node_modules/@prisma/schema-engine-wasm/`
const glue = await import(`${folder}schema_engine_bg.js`)
const { instance } = await WebAssembly.instantiate(readFileSync(`${folder}schema_engine_bg.wasm`), {
  './schema_engine_bg.js': glue,
})
glue.__wbg_set_wasm(instance.exports)
instance.exports.__wbindgen_start()

const url = new URL(JSON.parse(options.datasource ?? '{}').url ?? process.env.DATABASE_URL)
const schema = url.searchParams.get('schema') ?? 'public'
url.searchParams.delete('schema')
// Prisma's own query of the catalogue is as the native engine does it; so is the search path that it sets.
const path = `-c search_path="${schema}"`
url.searchParams.set('options', [url.searchParams.get('options'), path].filter(Boolean).join(' '))
const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: url.href }, { schema }))

const datamodels = (options.datamodels ?? []).map((file) => [file, readFileSync(file, 'utf8')])
const engine = await glue.SchemaEngine.new({ datamodels: datamodels.length ? datamodels : undefined }, () => {}, adapter)

const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
const failure = (error) => ({
  code: 4466,
  message: 'An error happened. Check the data field for details.',
  data: { is_panic: false, message: error.message, error_code: error.code },
})

async function answer({ id, method, params }) {
  try {
    const name = method === 'getDatabaseVersion' ? 'version' : method
    if (typeof engine[name] !== 'function') throw new Error(`the WebAssembly engine has no ${method}`)
    const result = await engine[name](params)
    if (method === 'diff' && result.stdout) send({ id: -1, method: 'print', params: { content: result.stdout } })
    send({ id, result: result ?? null })
  } catch (error) {
    send({ id, error: failure(error) })
  }
}

if (positionals[0] === 'cli') {
  await engine.ensureConnectionValidity({ datasource: { tag: 'ConnectionString', url: url.href } })
} else {
  for await (const line of createInterface({ input: process.stdin })) {
    const message = JSON.parse(line)
    if (message.method) await answer(message)
  }
}
process.exit(0)
