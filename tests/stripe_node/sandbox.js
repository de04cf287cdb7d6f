// The sandbox under test, one per test file: the program itself on a free port, and Stripe's client talking to it.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { after } from 'node:test'
import Stripe from 'stripe'

const program = process.env.BILLHOOK_TEST_PROGRAM ?? 'build/dev/billhook'
const child = spawn(program, ['sandbox', '--listen', '127.0.0.1:0', '--seed', '7'], {
  stdio: ['ignore', 'pipe', 'inherit'],
})

after(async () => {
  const ended = child.exitCode === null ? once(child, 'exit') : undefined
  child.kill('SIGTERM')
  await ended
})

async function readyAddress() {
  for await (const line of createInterface({ input: child.stdout })) {
    const ready = line.match(/^ready sandbox=(http:\/\/\S+)$/)
    if (ready) return ready[1]
  }
  throw new Error(`${program} ended before it was ready`)
}

export const address = await readyAddress()

export function clientWithKey(key, options = {}) {
  const { hostname, port } = new URL(address)
  return new Stripe(key, { host: hostname, port, protocol: 'http', telemetry: false, maxNetworkRetries: 0, ...options })
}

export const stripe = clientWithKey('sk_test_stripe_node')

/// The error that `promise` ends in; it must be of that class of the client and have those members.
export async function refusal(promise, ErrorClass, members = {}) {
  let error
  await promise.then(
    () => assert.fail(`expected ${ErrorClass.name}, but the request succeeded`),
    (thrown) => (error = thrown),
  )
  assert.ok(error instanceof ErrorClass, `expected ${ErrorClass.name}, got ${error?.constructor?.name}: ${error?.message}`)
  for (const [name, value] of Object.entries(members)) assert.equal(error[name], value, `${name} of "${error.message}"`)
  return error
}

export const invalid = (promise, members) => refusal(promise, Stripe.errors.StripeInvalidRequestError, members)
export const declined = (promise, members) => refusal(promise, Stripe.errors.StripeCardError, members)

/// Asks again until the answer fits; a test waits for conditions, never for seconds.
export async function eventually(ask, fits, what) {
  const giveUpAt = Date.now() + 120_000
  for (;;) {
    const answer = await ask()
    if (fits(answer)) return answer
    assert.ok(Date.now() < giveUpAt, `still waiting for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/// A page as a browser without script sees it.
export async function openPage(url) {
  const response = await fetch(url, { redirect: 'manual' })
  return { status: response.status, text: await response.text() }
}

export async function submitForm(url, fields) {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
  return { status: response.status, location: response.headers.get('location'), text: await response.text() }
}

export const day = 86_400
export const unix = (text) => Date.parse(text) / 1000

export async function createCustomer(fields = {}) {
  return stripe.customers.create({ email: 'ada@example.com', ...fields })
}

/// A customer whose invoices are paid by this test card.
export async function createPayer(fields = {}, card = 'pm_card_visa') {
  const customer = await createCustomer(fields)
  await useCard(customer.id, card)
  return customer
}

export async function useCard(customer, card) {
  const method = await stripe.paymentMethods.attach(card, { customer })
  await stripe.customers.update(customer, { invoice_settings: { default_payment_method: method.id } })
  return method
}

/// A monthly price in dollars unless the fields say otherwise.
export async function createPrice(unitAmount, fields = {}) {
  const { name = 'Plan', ...rest } = fields
  const product = rest.product ? {} : { product_data: { name } }
  return stripe.prices.create({
    currency: 'usd',
    unit_amount: unitAmount,
    recurring: { interval: 'month' },
    ...product,
    ...rest,
  })
}

export async function createClock(at) {
  return stripe.testHelpers.testClocks.create({ frozen_time: unix(at) })
}

/// Moves a clock on and waits until everything due by then has happened.
export async function advance(clock, at) {
  const frozenTime = typeof at === 'string' ? unix(at) : at
  await stripe.testHelpers.testClocks.advance(clock, { frozen_time: frozenTime })
  return eventually(
    () => stripe.testHelpers.testClocks.retrieve(clock),
    (present) => present.status !== 'advancing',
    `the clock ${clock}`,
  )
}
