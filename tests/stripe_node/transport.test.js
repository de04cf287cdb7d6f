// What holds for every resource: keys, versions, errors, idempotency, expansion, pages, search, metadata.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import Stripe from 'stripe'
import { clientWithKey, createCustomer, createPrice, declined, invalid, refusal, stripe } from './sandbox.js'

test('an answer names its request and the version it is written in', async () => {
  const { lastResponse } = await createCustomer()
  assert.equal(lastResponse.statusCode, 200)
  assert.match(lastResponse.requestId, /^req_/)
  assert.equal(lastResponse.apiVersion, '2026-10-28.endive')
  assert.equal(lastResponse.headers['stripe-version'], Stripe.API_VERSION)
})

test('a key that is none is refused before anything else is read', async () => {
  const error = await refusal(
    clientWithKey('not_a_key').customers.retrieve('cus_none'),
    Stripe.errors.StripeAuthenticationError,
    { statusCode: 401, rawType: 'invalid_request_error', code: undefined },
  )
  assert.equal(error.headers['stripe-version'], undefined)
})

test('an unknown parameter is named', async () => {
  const error = await invalid(stripe.customers.create({ favourite_colour: 'red' }), {
    statusCode: 400,
    code: 'parameter_unknown',
    param: 'favourite_colour',
    message: 'Received unknown parameter: favourite_colour',
  })
  assert.match(error.requestId, /^req_/)
  assert.equal(error.headers['stripe-should-retry'], 'false')
})

test('a missing parameter is named', async () => {
  await invalid(stripe.prices.create({ unit_amount: 100, product_data: { name: 'Plan' } }), {
    code: 'parameter_missing',
    param: 'currency',
  })
})

test('a number that is none is refused', async () => {
  await invalid(stripe.prices.create({ currency: 'usd', unit_amount: 'ten', product_data: { name: 'Plan' } }), {
    code: 'parameter_invalid_integer',
    param: 'unit_amount',
  })
})

test('a word outside an enumeration is refused', async () => {
  await invalid(stripe.coupons.create({ percent_off: 10, duration: 'sometimes' }), { param: 'duration' })
})

test('an object missing in the path is 404, one missing in a parameter 400', async () => {
  await invalid(stripe.customers.retrieve('cus_none'), { statusCode: 404, code: 'resource_missing', param: 'id' })
  await invalid(stripe.prices.create({ currency: 'usd', unit_amount: 100, product: 'prod_none' }), {
    statusCode: 400,
    code: 'resource_missing',
    param: 'product',
    message: "No such product: 'prod_none'",
  })
})

test('the same idempotency key replays the first answer', async () => {
  const first = await stripe.customers.create({ name: 'Once' }, { idempotencyKey: 'replay-1' })
  const second = await stripe.customers.create({ name: 'Once' }, { idempotencyKey: 'replay-1' })
  assert.equal(second.id, first.id)
  assert.equal(first.lastResponse.headers['idempotent-replayed'], undefined)
  assert.equal(second.lastResponse.headers['idempotent-replayed'], 'true')
  assert.equal(second.lastResponse.idempotencyKey, 'replay-1')
  assert.equal(second.lastResponse.headers['original-request'], first.lastResponse.requestId)
  const found = await stripe.customers.search({ query: "name:'Once'" })
  assert.equal(found.data.length, 1)
})

test('the same idempotency key with other parameters or another address is a conflict', async () => {
  await stripe.customers.create({ name: 'First' }, { idempotencyKey: 'conflict-1' })
  await refusal(
    stripe.customers.create({ name: 'Second' }, { idempotencyKey: 'conflict-1' }),
    Stripe.errors.StripeIdempotencyError,
    { statusCode: 400, rawType: 'idempotency_error' },
  )
  await refusal(
    stripe.products.create({ name: 'First' }, { idempotencyKey: 'conflict-1' }),
    Stripe.errors.StripeIdempotencyError,
  )
  assert.equal((await stripe.customers.search({ query: "name:'Second'" })).data.length, 0)
})

test('a request refused for its parameters leaves the key free', async () => {
  await invalid(stripe.customers.create({ nonsense: '1' }, { idempotencyKey: 'free-1' }))
  const created = await stripe.customers.create({ name: 'Free' }, { idempotencyKey: 'free-1' })
  assert.match(created.id, /^cus_/)
})

test('a decline is kept under its key and replayed', async () => {
  const pay = () =>
    stripe.paymentIntents.create(
      { amount: 900, currency: 'usd', payment_method: 'pm_card_chargeDeclined', confirm: true, off_session: true },
      { idempotencyKey: 'decline-1' },
    )
  const first = await declined(pay(), { statusCode: 402 })
  const second = await declined(pay(), { statusCode: 402 })
  assert.equal(second.payment_intent.id, first.payment_intent.id)
  assert.equal(second.headers['idempotent-replayed'], 'true')
})

test('an object is expanded where asked for, else named by its id', async () => {
  const price = await createPrice(1000, { name: 'Expanded' })
  const plain = await stripe.prices.retrieve(price.id)
  const expanded = await stripe.prices.retrieve(price.id, { expand: ['product'] })
  assert.equal(typeof plain.product, 'string')
  assert.equal(expanded.product.id, plain.product)
  assert.equal(expanded.product.name, 'Expanded')
})

test('a list expands below data', async () => {
  const price = await createPrice(1100, { name: 'Listed' })
  const list = await stripe.prices.list({ product: price.product, expand: ['data.product'] })
  assert.equal(list.data[0].product.name, 'Listed')
  await invalid(stripe.prices.list({ expand: ['product'] }))
})

test('an expansion that cannot be, or goes deeper than four levels, is refused', async () => {
  const customer = await createCustomer()
  await invalid(stripe.customers.retrieve(customer.id, { expand: ['email'] }))
  await invalid(stripe.customers.retrieve(customer.id, { expand: ['a.b.c.d.e'] }))
})

test('lists are pages of ten, newest first, with cursors', async () => {
  const made = []
  for (let i = 0; i < 13; ++i) made.unshift((await stripe.coupons.create({ percent_off: 5, duration: 'once' })).id)
  const first = await stripe.coupons.list()
  assert.deepEqual(first.data.map((coupon) => coupon.id), made.slice(0, 10))
  assert.equal(first.has_more, true)
  assert.equal(first.object, 'list')
  assert.equal(first.url, '/v1/coupons')
  const next = await stripe.coupons.list({ limit: 2, starting_after: made[9] })
  assert.deepEqual(next.data.map((coupon) => coupon.id), made.slice(10, 12))
  assert.equal(next.has_more, true)
  const before = await stripe.coupons.list({ limit: 3, ending_before: made[5] })
  assert.deepEqual(before.data.map((coupon) => coupon.id), made.slice(2, 5), 'the page just before, newest first')
  await invalid(stripe.coupons.list({ starting_after: made[0], ending_before: made[1] }))
})

test('a limit lies between 1 and 100', async () => {
  await invalid(stripe.customers.list({ limit: 0 }), { param: 'limit', code: 'parameter_invalid_integer' })
  await invalid(stripe.customers.list({ limit: 101 }), { param: 'limit', code: 'parameter_invalid_integer' })
})

test("the client's own paging reaches every object once", async () => {
  const made = []
  for (let i = 0; i < 7; ++i) made.unshift((await stripe.taxRates.create({ display_name: 'VAT', percentage: i, inclusive: false })).id)
  const all = await stripe.taxRates.list({ limit: 3 }).autoPagingToArray({ limit: 100 })
  assert.deepEqual(all.map((rate) => rate.id), made)
  const seen = []
  for await (const rate of stripe.taxRates.list({ limit: 2, ending_before: made[6] })) seen.push(rate.id)
  assert.deepEqual(seen, made.slice(0, 6).reverse(), 'backwards, the oldest comes first')
})

test('lists are filtered by when things were made', async () => {
  const customer = await createCustomer({ email: 'filtered@example.com' })
  const email = 'filtered@example.com'
  assert.equal((await stripe.customers.list({ email, created: { gte: customer.created } })).data.length, 1)
  assert.equal((await stripe.customers.list({ email, created: { gt: customer.created } })).data.length, 0)
  assert.equal((await stripe.customers.list({ email, created: customer.created })).data.length, 1)
})

test('search reads fields, metadata, parts of words and negation', async () => {
  const [gold] = [
    await stripe.customers.create({ name: 'Golden Goose', email: 'goose@example.com', metadata: { level: 'gold' } }),
    await stripe.customers.create({ name: 'Silver Swan', metadata: { level: 'silver' } }),
  ]
  const ids = async (query) => (await stripe.customers.search({ query })).data.map((each) => each.id)
  assert.deepEqual(await ids("metadata['level']:'gold'"), [gold.id])
  assert.deepEqual(await ids("name~'goose'"), [gold.id])
  assert.deepEqual(await ids("email:'goose@example.com' AND metadata['level']:'gold'"), [gold.id])
  assert.deepEqual(await ids("email:'goose@example.com' AND -metadata['level']:'gold'"), [])
  assert.equal((await ids("metadata['level']:'gold' OR metadata['level']:'silver'")).length, 2)
  await invalid(stripe.customers.search({ query: 'level gold' }))
})

test('search has pages too', async () => {
  for (let i = 0; i < 5; ++i) await stripe.products.create({ name: `Paged ${i}`, metadata: { shelf: 'paged' } })
  const query = "metadata['shelf']:'paged'"
  const first = await stripe.products.search({ query, limit: 2 })
  assert.equal(first.object, 'search_result')
  assert.equal(first.has_more, true)
  const all = await stripe.products.search({ query, limit: 2 }).autoPagingToArray({ limit: 50 })
  assert.equal(new Set(all.map((product) => product.id)).size, 5)
})

test('metadata is merged; an empty value unsets a key, an empty string all', async () => {
  const { id } = await createCustomer({ metadata: { a: '1', b: '2' } })
  assert.deepEqual({ ...(await stripe.customers.update(id, { metadata: { b: '3', c: '4' } })).metadata }, { a: '1', b: '3', c: '4' })
  assert.deepEqual({ ...(await stripe.customers.update(id, { metadata: { a: '' } })).metadata }, { b: '3', c: '4' })
  assert.deepEqual({ ...(await stripe.customers.update(id, { metadata: '' })).metadata }, {})
})

test('metadata has bounds', async () => {
  const keys = (count) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, 'x']))
  assert.equal(Object.keys((await createCustomer({ metadata: keys(50) })).metadata).length, 50)
  await invalid(createCustomer({ metadata: keys(51) }))
  await invalid(createCustomer({ metadata: { ['k'.repeat(41)]: 'x' } }))
  await invalid(createCustomer({ metadata: { k: 'x'.repeat(501) } }))
})

test('an empty string unsets a field that can be unset, and is refused for others', async () => {
  const { id } = await stripe.products.create({ name: 'Editor', description: 'first', unit_label: 'seat' })
  assert.equal((await stripe.products.update(id, { description: '', unit_label: '' })).description, null)
  assert.equal((await stripe.products.retrieve(id)).unit_label, null)
  await invalid(stripe.products.update(id, { name: '' }), { code: 'parameter_invalid_empty', param: 'name' })
})
