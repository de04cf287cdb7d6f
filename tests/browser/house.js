// One running Billhook with its sandbox, as an application sees it. Ended by its process id.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

const within_ms = 120_000

export async function eventually(read, isEnough, what) {
  const deadline = Date.now() + within_ms
  let last
  while (Date.now() < deadline) {
    last = await read()
    if (isEnough(last)) return last
    await sleep(50)
  }
  assert.fail(`waited ${within_ms / 1000} s for ${what}; last: ${JSON.stringify(last)}`)
}

export async function openHouse() {
  const folder = mkdtempSync(join(tmpdir(), 'billhook_browser.'))
  const program = process.env.BILLHOOK_TEST_PROGRAM
  const child = spawn(program, ['serve', '--dev', '--data', folder, '--listen', '127.0.0.1:0', '--sandbox-listen', '127.0.0.1:0', '--log-level', 'warn'],
    { stdio: ['ignore', 'pipe', 'inherit'] })
  let ready
  for await (const line of createInterface({ input: child.stdout })) {
    ready = line.match(/^ready http=(\S+) sandbox=(\S+) key=(\S+)$/)
    if (ready) break
  }
  assert.ok(ready, `${program} ended before it was ready`)
  return new House(child, folder, ready[1], ready[2], ready[3])
}

class House {
  constructor(child, folder, base, sandbox, key) {
    Object.assign(this, { child, folder, base, sandbox, key })
  }

  async close() {
    const ended = this.child.exitCode === null ? once(this.child, 'exit') : undefined
    this.child.kill('SIGTERM')
    await ended
    rmSync(this.folder, { recursive: true, force: true })
  }

  /// Billhook's public API, by the application's key.
  async api(method, path, { customer, body } = {}) {
    const headers = { Authorization: `Bearer ${this.key}`, 'Content-Type': 'application/json' }
    if (customer) headers['Billhook-Customer'] = customer
    const answer = await fetch(this.base + path, { method, headers, body: body && JSON.stringify(body) })
    const content = await answer.json()
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${JSON.stringify(content)}`)
    return content
  }

  /// The sandbox, as Stripe's API.
  async stripe(method, path, form) {
    const answer = await fetch(this.sandbox + path, {
      method, headers: { Authorization: 'Bearer sk_test_browser' }, body: form && new URLSearchParams(form),
    })
    const content = await answer.json()
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${JSON.stringify(content)}`)
    return content
  }

  async addCustomer(customer) {
    await this.api('PUT', `/api/v1/customers/${customer}`, { body: { name: `Company ${customer}`, email: `${customer}@example.com` } })
  }

  /// The address of the Checkout page.
  async checkout(customer, plan) {
    const body = { plan, success_url: `${this.base}/?paid=${customer}`, cancel_url: `${this.base}/?left=${customer}` }
    return (await this.api('POST', '/api/v1/checkout', { customer, body })).checkout_url
  }

  /// Waits until the customer's line `tier` is as it should be.
  tier(customer, isEnough, what) {
    return eventually(() => this.api('GET', '/api/v1/tiers/current', { customer }), isEnough, what)
  }

  async advance(days) {
    const clock = '/v1/test_helpers/test_clocks/clock_sandbox'
    const { frozen_time } = await this.stripe('GET', clock)
    await this.stripe('POST', `${clock}/advance`, { frozen_time: frozen_time + days * 86_400 })
    await eventually(() => this.stripe('GET', clock), (each) => each.status === 'ready', 'the clock to arrive')
  }
}
