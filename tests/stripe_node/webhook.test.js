// Events, and their delivery: signed, on raw bytes, checked by Stripe's own client.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import Stripe from 'stripe'
import { listen, received } from './endpoint.js'
import { address, createCustomer, createPayer, createPrice, eventually, invalid, stripe } from './sandbox.js'

async function endpointFor(enabled_events, status, fields = {}) {
  const { deliveries, url } = await listen(status)
  const endpoint = await stripe.webhookEndpoints.create({ url, enabled_events, ...fields })
  return { deliveries, endpoint }
}

/// One delivered customer.created with the secret it is signed with.
async function oneDelivery() {
  const { deliveries, endpoint } = await endpointFor(['customer.created'])
  const customer = await createCustomer({ name: 'Žofie “Zoë” 花' })
  await received(deliveries, 1)
  await stripe.webhookEndpoints.del(endpoint.id)
  return { ...deliveries[0], secret: endpoint.secret, customer }
}

test('a delivered event is verified and read by the client', async () => {
  const { body, signature, headers, secret, customer } = await oneDelivery()
  const event = stripe.webhooks.constructEvent(body, signature, secret)
  assert.match(event.id, /^evt_/)
  assert.equal(event.object, 'event')
  assert.equal(event.type, 'customer.created')
  assert.equal(event.api_version, '2026-10-28.endive')
  assert.equal(event.livemode, false)
  assert.equal(event.data.object.id, customer.id)
  assert.equal(event.data.object.name, 'Žofie “Zoë” 花')
  assert.equal(event.data.previous_attributes, undefined, 'only *.updated has them')
  assert.equal(event.request.id, customer.lastResponse.requestId)
  assert.match(headers['content-type'], /^application\/json/)
})

test('a changed byte breaks the signature', async () => {
  const { body, signature, secret } = await oneDelivery()
  const tampered = Buffer.from(body)
  tampered[tampered.length - 3] ^= 1
  const { StripeSignatureVerificationError } = Stripe.errors
  assert.throws(() => stripe.webhooks.constructEvent(tampered, signature, secret), StripeSignatureVerificationError)
  assert.throws(() => stripe.webhooks.constructEvent(Buffer.concat([body, Buffer.from(' ')]), signature, secret), StripeSignatureVerificationError)
})

test('another secret does not fit', async () => {
  const { body, signature, secret } = await oneDelivery()
  const { StripeSignatureVerificationError } = Stripe.errors
  assert.throws(() => stripe.webhooks.constructEvent(body, signature, 'whsec_other'), StripeSignatureVerificationError)
  assert.throws(() => stripe.webhooks.constructEvent(body, signature, secret.slice(6)), StripeSignatureVerificationError, 'whsec_ is part of the key')
})

test('an old signature is refused, unless no tolerance is asked for', async () => {
  const { body, signature, secret } = await oneDelivery()
  const later = Date.now() + 301_000
  assert.throws(
    () => stripe.webhooks.constructEvent(body, signature, secret, 300, undefined, later),
    /Timestamp outside the tolerance zone/,
  )
  assert.equal(stripe.webhooks.constructEvent(body, signature, secret, 300, undefined, Date.now() + 200_000).object, 'event')
})

test('the client would have signed it alike', async () => {
  const { body, signature, secret } = await oneDelivery()
  const [, t] = signature.match(/^t=(\d+),v1=[0-9a-f]{64}$/)
  const header = stripe.webhooks.generateTestHeaderString({ payload: body.toString(), secret, timestamp: Number(t) })
  assert.equal(signature, header)
})

test('an update says what was before', async () => {
  const { deliveries, endpoint } = await endpointFor(['customer.updated'])
  const customer = await createCustomer({ name: 'Before', metadata: { a: '1' } })
  await stripe.customers.update(customer.id, { name: 'After', metadata: { a: '2' } })
  await received(deliveries, 1)
  const event = stripe.webhooks.constructEvent(deliveries[0].body, deliveries[0].signature, endpoint.secret)
  assert.deepEqual(event.data.previous_attributes, { name: 'Before', metadata: { a: '1' } })
  assert.equal(event.data.object.name, 'After')
})

test('an endpoint is sent only what it asked for', async () => {
  const { deliveries } = await endpointFor(['product.created', 'product.deleted'])
  const product = await stripe.products.create({ name: 'Announced' })
  await createCustomer()
  await stripe.products.update(product.id, { name: 'Renamed' })
  await stripe.products.del(product.id)
  await received(deliveries, 2)
  assert.deepEqual(deliveries.map(({ body }) => JSON.parse(body).type).sort(), ['product.created', 'product.deleted'])
})

test('a refused delivery is tried again, signed anew', async () => {
  await fetch(`${address}/_sandbox/settings`, { method: 'POST', body: JSON.stringify({ webhook_retry_ms: 50 }) })
  const { deliveries, endpoint } = await endpointFor(['coupon.created'], (count) => (count === 1 ? 500 : 200))
  await stripe.coupons.create({ percent_off: 10, duration: 'once' })
  await received(deliveries, 2)
  assert.deepEqual(deliveries[0].body, deliveries[1].body)
  for (const { body, signature } of deliveries) stripe.webhooks.constructEvent(body, signature, endpoint.secret)
})

test('a redirect is no acceptance', async () => {
  const { deliveries } = await endpointFor(['tax_rate.created'], (count) => (count === 1 ? 302 : 204))
  await stripe.taxRates.create({ display_name: 'VAT', percentage: 7, inclusive: false })
  await received(deliveries, 2)
})

test('every endpoint has its own secret, shown only when it is made', async () => {
  const [first, second] = [await endpointFor(['*']), await endpointFor(['*'])]
  assert.match(first.endpoint.secret, /^whsec_/)
  assert.notEqual(first.endpoint.secret, second.endpoint.secret)
  assert.equal((await stripe.webhookEndpoints.retrieve(first.endpoint.id)).secret, undefined)
  const ids = (await stripe.webhookEndpoints.list({ limit: 100 })).data
  assert.ok(ids.some((each) => each.id === first.endpoint.id))
  assert.ok(ids.every((each) => each.secret === undefined))
  for (const { endpoint } of [first, second]) await stripe.webhookEndpoints.del(endpoint.id)
})

test('a disabled or deleted endpoint hears nothing', async () => {
  const loud = await endpointFor(['promotion_code.created'])
  const quiet = await endpointFor(['promotion_code.created'])
  const gone = await endpointFor(['promotion_code.created'])
  assert.equal((await stripe.webhookEndpoints.update(quiet.endpoint.id, { disabled: true })).status, 'disabled')
  assert.equal((await stripe.webhookEndpoints.del(gone.endpoint.id)).deleted, true)
  const coupon = await stripe.coupons.create({ percent_off: 10, duration: 'once' })
  await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: coupon.id } })
  await received(loud.deliveries, 1)
  assert.equal(quiet.deliveries.length, 0)
  assert.equal(gone.deliveries.length, 0)
})

test('an endpoint needs an address and known events', async () => {
  await invalid(stripe.webhookEndpoints.create({ url: 'nowhere', enabled_events: ['*'] }), { param: 'url' })
  await invalid(stripe.webhookEndpoints.create({ url: 'http://127.0.0.1:9/' , enabled_events: ['customer.invented'] }))
  await invalid(stripe.webhookEndpoints.create({ enabled_events: ['*'] }), { code: 'parameter_missing', param: 'url' })
})

test('events can be read without an endpoint, newest first, by type', async () => {
  const customer = await createCustomer()
  await stripe.customers.update(customer.id, { name: 'Named' })
  const list = await stripe.events.list({ types: ['customer.created', 'customer.updated'], limit: 2 })
  assert.deepEqual(list.data.map((event) => event.type), ['customer.updated', 'customer.created'])
  const [newest] = list.data
  assert.equal((await stripe.events.retrieve(newest.id)).data.object.name, 'Named')
  assert.equal((await stripe.events.list({ type: 'customer.updated', limit: 1 })).data[0].id, newest.id)
  await invalid(stripe.events.retrieve('evt_none'), { statusCode: 404 })
})

test("an event carries its request's idempotency key", async () => {
  const customer = await stripe.customers.create({}, { idempotencyKey: 'event-key' })
  const { data } = await stripe.events.list({ type: 'customer.created', limit: 5 })
  const event = data.find((each) => each.data.object.id === customer.id)
  assert.equal(event.request.idempotency_key, 'event-key')
})

test('a paid subscription tells its whole story', async () => {
  const { deliveries, endpoint } = await endpointFor(['*'])
  const payer = await createPayer()
  const price = await createPrice(2500)
  const subscription = await stripe.subscriptions.create({ customer: payer.id, items: [{ price: price.id }] })
  const types = () => deliveries.map(({ body }) => JSON.parse(body).type)
  const told = [
    'customer.subscription.created',
    'invoice.created',
    'invoice.finalized',
    'payment_intent.created',
    'payment_intent.succeeded',
    'charge.succeeded',
    'invoice.paid',
    'invoice.payment_succeeded',
    'invoice_payment.paid',
  ]
  await eventually(types, (all) => told.every((type) => all.includes(type)), told.join(', '))
  const events = deliveries.map(({ body, signature }) => stripe.webhooks.constructEvent(body, signature, endpoint.secret))
  const paid = events.find((event) => event.type === 'invoice.paid').data.object
  assert.equal(paid.parent.subscription_details.subscription, subscription.id)
  assert.equal(new Set(events.map((event) => event.id)).size, events.length, 'each event once')
  await stripe.webhookEndpoints.del(endpoint.id)
})
