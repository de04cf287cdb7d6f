// What older integrations still call: tokens, charges without an intent, plans; and a capture that comes later.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCustomer, createPayer, createPrice, declined, invalid, stripe } from './sandbox.js'

const card = { number: '4242424242424242', exp_month: 12, exp_year: 2040, cvc: '123' }

async function eventTypes(object) {
  const events = await stripe.events.list({ limit: 100 })
  return events.data.filter((event) => event.data.object.id === object).map((event) => event.type).reverse()
}

test('a token stands for a card once', async () => {
  const token = await stripe.tokens.create({ card: { ...card, name: 'Ada' } })
  assert.match(token.id, /^tok_/)
  assert.equal(token.object, 'token')
  assert.equal(token.type, 'card')
  assert.equal(token.used, false)
  assert.equal(token.card.object, 'card')
  assert.equal(token.card.last4, '4242')
  assert.equal(token.card.name, 'Ada')
  const customer = await createCustomer({ source: token.id })
  assert.equal(customer.default_source, token.card.id)
  assert.equal((await stripe.tokens.retrieve(token.id)).used, true)
  await invalid(stripe.customers.create({ source: token.id }), { code: 'token_already_used', param: 'source' })
})

test('a token becomes a payment method', async () => {
  const token = await stripe.tokens.create({ card: { ...card, number: '5555555555554444' } })
  const method = await stripe.paymentMethods.create({ type: 'card', card: { token: token.id } })
  assert.equal(method.card.brand, 'mastercard')
  assert.equal(method.card.last4, '4444')
})

test('a charge needs no intent', async () => {
  const charge = await stripe.charges.create({ amount: 2000, currency: 'usd', source: 'tok_visa', description: 'Book', metadata: { order: '1' } })
  assert.equal(charge.status, 'succeeded')
  assert.equal(charge.paid, true)
  assert.equal(charge.captured, true)
  assert.equal(charge.amount_captured, 2000)
  assert.equal(charge.payment_intent, null)
  assert.equal(charge.description, 'Book')
  assert.deepEqual({ ...charge.metadata }, { order: '1' })
  const refund = await stripe.refunds.create({ charge: charge.id, amount: 500 })
  assert.equal(refund.amount, 500)
  assert.equal((await stripe.charges.retrieve(charge.id)).amount_refunded, 500)
})

test("a charge takes the customer's default source", async () => {
  const customer = await createCustomer({ source: 'tok_mastercard' })
  const charge = await stripe.charges.create({ amount: 700, currency: 'eur', customer: customer.id })
  assert.equal(charge.customer, customer.id)
  assert.equal(charge.payment_method_details.card.brand, 'mastercard')
  await invalid(stripe.charges.create({ amount: 700, currency: 'eur' }), { code: 'parameter_missing' })
  const cardless = await createCustomer()
  await declined(stripe.charges.create({ amount: 700, currency: 'eur', customer: cardless.id }), { code: 'missing' })
})

test('a declined charge is kept and named', async () => {
  const error = await declined(stripe.charges.create({ amount: 900, currency: 'usd', source: 'tok_chargeDeclined' }), {
    code: 'card_declined',
    decline_code: 'generic_decline',
  })
  const charge = await stripe.charges.retrieve(error.charge)
  assert.equal(charge.status, 'failed')
  assert.equal(charge.failure_code, 'card_declined')
})

test('a charge that was only authorized is captured once', async () => {
  const charge = await stripe.charges.create({ amount: 3000, currency: 'usd', source: 'tok_visa', capture: false })
  assert.equal(charge.captured, false)
  assert.equal(charge.amount_captured, 0)
  const captured = await stripe.charges.capture(charge.id, { amount: 2500 })
  assert.equal(captured.captured, true)
  assert.equal(captured.amount_captured, 2500)
  assert.deepEqual(await eventTypes(charge.id), ['charge.succeeded', 'charge.captured'])
  await invalid(stripe.charges.capture(charge.id), { code: 'charge_already_captured' })
})

test('an intent captured by hand waits for its capture', async () => {
  const intent = await stripe.paymentIntents.create({
    amount: 4000,
    currency: 'usd',
    payment_method: 'pm_card_visa',
    capture_method: 'manual',
    confirm: true,
    return_url: 'https://shop.example.com',
  })
  assert.equal(intent.status, 'requires_capture')
  assert.equal(intent.amount_capturable, 4000)
  assert.equal(intent.amount_received, 0)
  await invalid(stripe.paymentIntents.capture(intent.id, { amount_to_capture: 4001 }), { code: 'amount_too_large' })
  const done = await stripe.paymentIntents.capture(intent.id, { amount_to_capture: 3500 })
  assert.equal(done.status, 'succeeded')
  assert.equal(done.amount_received, 3500)
  assert.equal(done.amount_capturable, 0)
  await invalid(stripe.paymentIntents.capture(intent.id), { code: 'payment_intent_unexpected_state' })
  assert.deepEqual(await eventTypes(intent.id), ['payment_intent.created', 'payment_intent.amount_capturable_updated', 'payment_intent.succeeded'])
})

test('an authorization that is canceled lets the money go', async () => {
  const intent = await stripe.paymentIntents.create({ amount: 4000, currency: 'usd', payment_method: 'pm_card_visa', capture_method: 'manual', confirm: true, return_url: 'https://shop.example.com' })
  const canceled = await stripe.paymentIntents.cancel(intent.id)
  assert.equal(canceled.status, 'canceled')
  assert.equal(canceled.amount_capturable, 0)
  const charge = await stripe.charges.retrieve(intent.latest_charge)
  assert.equal(charge.refunded, true)
  assert.equal(charge.captured, false)
})

test('a plan is a price by its older name', async () => {
  const plan = await stripe.plans.create({ id: 'gold', amount: 1500, currency: 'usd', interval: 'month', product: { name: 'Gold' }, nickname: 'Gold monthly' })
  assert.equal(plan.id, 'gold')
  assert.equal(plan.object, 'plan')
  assert.equal(plan.amount, 1500)
  const price = await stripe.prices.retrieve('gold')
  assert.equal(price.unit_amount, 1500)
  assert.equal(price.recurring.interval, 'month')
  const renamed = await stripe.plans.update('gold', { nickname: 'Gold', metadata: { rank: '1' } })
  assert.equal(renamed.nickname, 'Gold')
  const payer = await createPayer()
  const subscription = await stripe.subscriptions.create({ customer: payer.id, items: [{ plan: 'gold' }] })
  assert.equal(subscription.items.data[0].plan.id, 'gold')
  assert.deepEqual({ ...(await stripe.plans.del('gold')) }.deleted, true)
  await invalid(stripe.plans.retrieve('gold'), { code: 'resource_missing', statusCode: 404 })
  await invalid(stripe.subscriptions.create({ customer: payer.id, items: [{ plan: 'gold' }] }))
  assert.equal((await stripe.subscriptions.retrieve(subscription.id)).status, 'active')
})

test("a subscription's own source pays before the customer's", async () => {
  const customer = await createCustomer({ source: 'tok_visa' })
  const second = await stripe.customers.createSource(customer.id, { source: 'tok_mastercard' })
  const price = await createPrice(1000)
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
    default_source: second.id,
    expand: ['latest_invoice.payments'],
  })
  assert.equal(subscription.default_source, second.id)
  const intent = subscription.latest_invoice.payments.data[0].payment.payment_intent
  assert.equal((await stripe.paymentIntents.retrieve(intent)).payment_method, second.id)
  const other = await createCustomer({ source: 'tok_visa' })
  await invalid(stripe.subscriptions.update(subscription.id, { default_source: other.default_source }), { code: 'resource_missing' })
})

test('a refund of a card cannot be called off', async () => {
  const charge = await stripe.charges.create({ amount: 2000, currency: 'usd', source: 'tok_visa' })
  const refund = await stripe.refunds.create({ charge: charge.id })
  await invalid(stripe.refunds.cancel(refund.id))
})

