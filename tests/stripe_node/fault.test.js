// When the network or Stripe fails: the client's error classes, and its retries, which never do a thing twice.

import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import Stripe from 'stripe'
import { address, clientWithKey, refusal, stripe } from './sandbox.js'

const patient = clientWithKey('sk_test_stripe_node', { maxNetworkRetries: 3 })
const { StripeAPIError, StripeConnectionError, StripeRateLimitError } = Stripe.errors

/// The next creations of customers go wrong like this.
async function customersMeet(fault, times = 1) {
  const body = JSON.stringify({ requests: [{ operation: 'POST /v1/customers', fault, permille: 1000, times }] })
  const response = await fetch(`${address}/_sandbox/faults`, { method: 'POST', body })
  assert.equal(response.status, 200)
}

afterEach(() => fetch(`${address}/_sandbox/faults`, { method: 'DELETE' }))

const named = async (name) => (await stripe.customers.search({ query: `name:'${name}'` })).data

test('too many requests are refused with 429', async () => {
  await customersMeet('rate_limit')
  await refusal(stripe.customers.create({ name: 'Limited' }), StripeRateLimitError, { statusCode: 429, code: 'rate_limit' })
  assert.deepEqual(await named('Limited'), [])
})

test('a locked object may be asked again at once', async () => {
  await customersMeet('lock_timeout')
  const error = await refusal(stripe.customers.create({ name: 'Locked' }), StripeRateLimitError, { code: 'lock_timeout' })
  assert.equal(error.headers['stripe-should-retry'], 'true')
  await customersMeet('lock_timeout')
  assert.match((await patient.customers.create({ name: 'Locked' })).id, /^cus_/)
  assert.equal((await named('Locked')).length, 1)
})

test("an error of Stripe's own is told as such", async () => {
  await customersMeet('server_error')
  await refusal(stripe.customers.create({ name: 'Broken' }), StripeAPIError, { statusCode: 500, rawType: 'api_error' })
  await customersMeet('server_error', 2)
  assert.match((await patient.customers.create({ name: 'Broken' })).id, /^cus_/)
})

test('a request that never arrived is sent again', async () => {
  await customersMeet('lose_request', 2) // the client always opens a second connection when one breaks
  await refusal(stripe.customers.create({ name: 'Lost' }), StripeConnectionError)
  assert.deepEqual(await named('Lost'), [])
  await customersMeet('lose_request')
  await patient.customers.create({ name: 'Lost' })
  assert.equal((await named('Lost')).length, 1)
})

test('an answer that never arrived is asked for again, and the thing is done once', async () => {
  await customersMeet('lose_answer')
  const customer = await patient.customers.create({ name: 'Unheard' })
  assert.deepEqual((await named('Unheard')).map((each) => each.id), [customer.id])
  assert.equal(customer.lastResponse.headers['idempotent-replayed'], 'true')
})
