// A program written for an older version of the API: its parameters are understood, and the answers have its shapes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPayer, createPrice, invalid, stripe } from './sandbox.js'

const acacia = { apiVersion: '2024-06-20' }
const basil = { apiVersion: '2025-03-31.basil' }

/// Sends what the present client has no method for.
const raw = (method, path, params, version = acacia) => stripe.rawRequest(method, path, params, version)
const read = (path, params = {}) => raw('GET', `${path}?${new URLSearchParams(params)}`)

async function subscribe(fields = {}, version = acacia) {
  const payer = await createPayer()
  const price = await createPrice(2000)
  const subscription = await raw('POST', '/v1/subscriptions', { customer: payer.id, items: [{ price: price.id }], ...fields }, version)
  return { payer, price, subscription }
}

test('before clover a subscription is billed in classic mode unless it says otherwise', async () => {
  const { subscription } = await subscribe()
  assert.equal((await stripe.subscriptions.retrieve(subscription.id)).billing_mode.type, 'classic')
  const basils = await subscribe({}, basil)
  assert.equal((await stripe.subscriptions.retrieve(basils.subscription.id)).billing_mode.type, 'classic')
  const chosen = await subscribe({ billing_mode: { type: 'flexible' } }, { apiVersion: '2025-08-27.basil' })
  assert.equal(chosen.subscription.billing_mode.type, 'flexible')
})

test('a subscription has its period, plan and quantity itself', async () => {
  const price = await createPrice(900)
  const { subscription } = await subscribe({ items: [{ price: price.id, quantity: 3 }] })
  assert.equal(subscription.quantity, 3)
  assert.equal(subscription.plan.object, 'plan')
  assert.equal(typeof subscription.current_period_start, 'number')
  assert.ok(subscription.current_period_end > subscription.current_period_start)
  assert.equal(subscription.plan.id, price.id)
  assert.equal(subscription.items.data[0].current_period_end, undefined)
})

test('one coupon is said by its name', async () => {
  await stripe.coupons.create({ id: 'older-quarter', percent_off: 25, duration: 'forever' })
  const { subscription } = await subscribe({ coupon: 'older-quarter', expand: ['latest_invoice'] })
  assert.equal(subscription.discount.coupon.id, 'older-quarter')
  assert.equal(subscription.latest_invoice.total, 1500)
  assert.equal(subscription.latest_invoice.subscription, subscription.id)
  const freed = await raw('POST', `/v1/subscriptions/${subscription.id}`, { coupon: '' })
  assert.equal(freed.discount, null)
  const payer = await createPayer()
  await invalid(stripe.rawRequest('POST', '/v1/subscriptions', { customer: payer.id, coupon: 'older-quarter' }), { code: 'parameter_unknown', param: 'coupon' })
})

test("a customer's own coupon is taken off what has no discount itself", async () => {
  await stripe.coupons.create({ id: 'older-half', percent_off: 50, duration: 'forever' })
  const payer = await createPayer()
  const discounted = await raw('POST', `/v1/customers/${payer.id}`, { coupon: 'older-half' })
  assert.equal(discounted.discount.coupon.id, 'older-half')
  const price = await createPrice(2000)
  const subscription = await stripe.subscriptions.create({ customer: payer.id, items: [{ price: price.id }], expand: ['latest_invoice'] })
  assert.equal(subscription.latest_invoice.total, 1000)
  const gone = await stripe.customers.deleteDiscount(payer.id)
  assert.equal(gone.deleted, true)
  assert.equal((await stripe.customers.retrieve(payer.id)).discount, null)
  await invalid(stripe.customers.deleteDiscount(payer.id), { statusCode: 404 })
  const events = await stripe.events.list({ types: ['customer.discount.created', 'customer.discount.deleted'] })
  assert.deepEqual(events.data.map((event) => event.type), ['customer.discount.deleted', 'customer.discount.created'])
})

test('the anchor of a change is a word', async () => {
  const { subscription } = await subscribe()
  const moved = await raw('POST', `/v1/subscriptions/${subscription.id}`, { billing_cycle_anchor: 'now', proration_behavior: 'none' })
  assert.ok(moved.billing_cycle_anchor >= subscription.billing_cycle_anchor)
  const kept = await raw('POST', `/v1/subscriptions/${subscription.id}`, { billing_cycle_anchor: 'unchanged' })
  assert.equal(kept.billing_cycle_anchor, moved.billing_cycle_anchor)
  await invalid(stripe.rawRequest('POST', `/v1/subscriptions/${subscription.id}`, { billing_cycle_anchor: 'now' }))
})

test('the upcoming invoice is read, not created', async () => {
  const { payer, subscription } = await subscribe()
  const next = await read('/v1/invoices/upcoming', { customer: payer.id, subscription: subscription.id })
  assert.equal(next.object, 'invoice')
  assert.equal(next.total, 2000)
  assert.equal(next.subscription, subscription.id)
  const dearer = await createPrice(5000)
  const changed = await read('/v1/invoices/upcoming', {
    subscription: subscription.id,
    'subscription_items[0][id]': subscription.items.data[0].id,
    'subscription_items[0][price]': dearer.id,
    subscription_proration_behavior: 'none',
  })
  assert.equal(changed.total, 5000)
  const lines = await read('/v1/invoices/upcoming/lines', { subscription: subscription.id })
  assert.equal(lines.data.length, 1)
  assert.equal(lines.data[0].amount, 2000)
})

test("a customer's subscriptions are listed below the customer", async () => {
  const { payer, subscription } = await subscribe()
  const list = await read(`/v1/customers/${payer.id}/subscriptions`)
  assert.deepEqual(list.data.map((each) => each.id), [subscription.id])
})

test('the words for where a session is shown are those of its version', async () => {
  const price = await createPrice(2000)
  const session = await raw('POST', '/v1/checkout/sessions', { mode: 'subscription', ui_mode: 'hosted', success_url: 'https://shop.example.com', line_items: [{ price: price.id, quantity: 1 }] })
  assert.equal(session.ui_mode, 'hosted')
})
