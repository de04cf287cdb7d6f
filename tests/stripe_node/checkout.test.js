// Checkout Sessions and the hosted page, which works without script.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { advance, createClock, createCustomer, createPrice, invalid, openPage, stripe, submitForm } from './sandbox.js'

const success_url = 'https://shop.example.com/thanks?session={CHECKOUT_SESSION_ID}'
const good = { email: 'buyer@example.com', name: 'Ada', number: '4242 4242 4242 4242', exp_month: '12', exp_year: '2040', cvc: '123' }

async function openPayment(fields = {}) {
  const price = await createPrice(1500, { name: 'Book', recurring: undefined })
  return stripe.checkout.sessions.create({ mode: 'payment', success_url, line_items: [{ price: price.id, quantity: 2 }], ...fields })
}

async function openSubscription(fields = {}) {
  const price = await createPrice(2500, { name: 'Team' })
  return stripe.checkout.sessions.create({ mode: 'subscription', success_url, line_items: [{ price: price.id, quantity: 1 }], ...fields })
}

test('a new session is open, unpaid and has a page', async () => {
  const session = await openPayment({ client_reference_id: 'order-1', metadata: { order: '1' }, expand: ['line_items'] })
  assert.match(session.id, /^cs_test_/)
  assert.equal(session.status, 'open')
  assert.equal(session.payment_status, 'unpaid')
  assert.equal(session.amount_total, 3000)
  assert.equal(session.line_items.data[0].amount_total, 3000)
  assert.equal(session.expires_at - session.created, 24 * 3600)
  assert.equal(session.client_reference_id, 'order-1')
  const page = await openPage(session.url)
  assert.equal(page.status, 200)
  assert.match(page.text, /Book/)
  assert.match(page.text, /30\.00/)
})

test('paying on the page completes the session and leads back', async () => {
  const session = await openPayment()
  const paid = await submitForm(session.url, good)
  assert.equal(paid.status, 303)
  assert.equal(paid.location, `https://shop.example.com/thanks?session=${session.id}`)
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] })
  assert.equal(done.status, 'complete')
  assert.equal(done.payment_status, 'paid')
  assert.equal(done.url, null)
  assert.equal(done.payment_intent.status, 'succeeded')
  assert.equal(done.payment_intent.amount_received, 3000)
  assert.equal(done.customer_details.email, 'buyer@example.com')
})

test('the lines of a session can be listed', async () => {
  const session = await openPayment()
  const lines = await stripe.checkout.sessions.listLineItems(session.id)
  assert.equal(lines.data.length, 1)
  assert.equal(lines.data[0].quantity, 2)
  assert.equal(lines.data[0].description, 'Book')
})

test('a declined card keeps the session open', async () => {
  const session = await openPayment()
  const refused = await submitForm(session.url, { ...good, number: '4000000000000002' })
  assert.equal(refused.status, 200)
  assert.match(refused.text, /Your card was declined/)
  assert.equal((await stripe.checkout.sessions.retrieve(session.id)).status, 'open')
  assert.equal((await submitForm(session.url, good)).status, 303)
})

test("the bank's question comes before completion", async () => {
  const session = await openPayment()
  const asked = await submitForm(session.url, { ...good, number: '4000002760003184' })
  assert.equal(asked.status, 303)
  assert.equal((await stripe.checkout.sessions.retrieve(session.id)).status, 'open')
  assert.match((await openPage(asked.location)).text, /<form/)
  assert.equal((await submitForm(asked.location, { challenge: 'complete' })).status, 303)
  assert.equal((await stripe.checkout.sessions.retrieve(session.id)).payment_status, 'paid')
})

test('a session can be expired once, while it is open', async () => {
  const session = await openPayment()
  const expired = await stripe.checkout.sessions.expire(session.id)
  assert.equal(expired.status, 'expired')
  assert.equal(expired.url, null)
  await invalid(stripe.checkout.sessions.expire(session.id))
  assert.equal((await openPage(session.url)).status, 410)
  const paid = await openPayment()
  await submitForm(paid.url, good)
  await invalid(stripe.checkout.sessions.expire(paid.id))
})

test('a subscription is born when the page is paid, not before', async () => {
  const session = await openSubscription({ subscription_data: { metadata: { customer_ref: '42' } } })
  assert.equal(session.subscription, null)
  assert.equal(session.customer, null)
  assert.equal((await submitForm(session.url, good)).status, 303)
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription', 'invoice'] })
  assert.equal(done.payment_status, 'paid')
  assert.match(done.customer, /^cus_/)
  assert.equal(done.subscription.status, 'active')
  assert.equal(done.subscription.customer, done.customer)
  assert.equal(done.subscription.metadata.customer_ref, '42')
  assert.equal(done.invoice.status, 'paid')
  assert.equal(done.invoice.billing_reason, 'subscription_create')
  assert.equal(done.invoice.total, 2500)
})

test("metadata of the session is not the subscription's", async () => {
  const session = await openSubscription({ metadata: { only: 'session' } })
  await submitForm(session.url, good)
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription'] })
  assert.equal(done.metadata.only, 'session')
  assert.deepEqual({ ...done.subscription.metadata }, {})
})

test('a trial needs no payment now, and a card only if it is asked for', async () => {
  const session = await openSubscription({
    subscription_data: { trial_period_days: 14, trial_settings: { end_behavior: { missing_payment_method: 'cancel' } } },
    payment_method_collection: 'if_required',
  })
  assert.equal(session.amount_total, 0)
  assert.equal((await submitForm(session.url, { email: 'trial@example.com' })).status, 303)
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription'] })
  assert.equal(done.payment_status, 'no_payment_required')
  assert.equal(done.subscription.status, 'trialing')
  assert.equal(done.subscription.trial_end - done.subscription.trial_start, 14 * 86_400)
  assert.equal(done.subscription.trial_settings.end_behavior.missing_payment_method, 'cancel')
})

test('a known customer keeps its identity', async () => {
  const customer = await createCustomer()
  const session = await openSubscription({ customer: customer.id })
  assert.equal(session.customer, customer.id)
  await submitForm(session.url, good)
  const subscriptions = await stripe.subscriptions.list({ customer: customer.id })
  assert.equal(subscriptions.data.length, 1)
  assert.equal((await stripe.customers.listPaymentMethods(customer.id)).data.length, 1)
})

test('a setup session keeps a card', async () => {
  const customer = await createCustomer()
  const session = await stripe.checkout.sessions.create({ mode: 'setup', currency: 'usd', success_url, customer: customer.id })
  assert.equal(session.payment_status, 'no_payment_required')
  await submitForm(session.url, { ...good, number: '5555555555554444' })
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['setup_intent'] })
  assert.equal(done.setup_intent.status, 'succeeded')
  assert.equal((await stripe.customers.listPaymentMethods(customer.id)).data[0].card.brand, 'mastercard')
})

test('a setup session has its intent from the beginning, and needs no customer', async () => {
  const session = await stripe.checkout.sessions.create({
    mode: 'setup',
    currency: 'usd',
    success_url,
    setup_intent_data: { description: 'For later', metadata: { seat: '7' } },
  })
  const waiting = await stripe.setupIntents.retrieve(session.setup_intent)
  assert.equal(waiting.status, 'requires_payment_method')
  assert.equal(waiting.description, 'For later')
  assert.deepEqual({ ...waiting.metadata }, { seat: '7' })
  await submitForm(session.url, good)
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['setup_intent.payment_method'] })
  assert.equal(done.status, 'complete')
  assert.equal(done.setup_intent.id, waiting.id)
  assert.equal(done.setup_intent.status, 'succeeded')
  assert.equal(done.setup_intent.payment_method.card.last4, '4242')
  assert.equal(done.customer, null)
  assert.equal(done.customer_details.email, 'buyer@example.com')
})

test('who pays once is a guest unless the session wants a customer', async () => {
  const guest = await openPayment()
  assert.equal(guest.customer_creation, 'if_required')
  await submitForm(guest.url, good)
  assert.equal((await stripe.checkout.sessions.retrieve(guest.id)).customer, null)
  const known = await openPayment({ customer_creation: 'always' })
  await submitForm(known.url, good)
  assert.match((await stripe.checkout.sessions.retrieve(known.id)).customer, /^cus_/)
})

// What becomes of a trial that was begun on the page without a card.
for (const [missing_payment_method, status, reason, total] of [
  ['cancel', 'canceled', 'subscription_create', 0],
  ['pause', 'paused', 'subscription_create', 0],
  ['create_invoice', 'past_due', 'subscription_cycle', 2500],
])
  test(`a trial from the page, without a card to the end: ${missing_payment_method}`, async () => {
    const clock = await createClock('2026-01-01T00:00:00Z')
    const customer = await createCustomer({ test_clock: clock.id })
    const session = await openSubscription({
      customer: customer.id,
      subscription_data: { trial_period_days: 7, trial_settings: { end_behavior: { missing_payment_method } } },
      payment_method_collection: 'if_required',
    })
    assert.doesNotMatch((await openPage(session.url)).text, /name="number"/)
    assert.equal((await submitForm(session.url, {})).status, 303)
    const { subscription } = await stripe.checkout.sessions.retrieve(session.id)
    await advance(clock.id, '2026-01-08T02:00:00Z')
    const ended = await stripe.subscriptions.retrieve(subscription, { expand: ['latest_invoice'] })
    assert.equal(ended.status, status)
    assert.equal(ended.latest_invoice.billing_reason, reason)
    assert.equal(ended.latest_invoice.total, total)
  })

test('a coupon lowers what the page asks for', async () => {
  const coupon = await stripe.coupons.create({ percent_off: 25, duration: 'once' })
  const session = await openPayment({ discounts: [{ coupon: coupon.id }] })
  assert.equal(session.amount_subtotal, 3000)
  assert.equal(session.amount_total, 2250)
  assert.equal(session.total_details.amount_discount, 750)
})

test('a promotion code is typed on the page', async () => {
  const coupon = await stripe.coupons.create({ amount_off: 1000, currency: 'usd', duration: 'once' })
  await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: coupon.id }, code: 'TENOFF' })
  const session = await openPayment({ allow_promotion_codes: true })
  const wrong = await submitForm(session.url, { ...good, promotion_code: 'NOTHING' })
  assert.equal(wrong.status, 200)
  assert.equal((await submitForm(session.url, { ...good, promotion_code: 'tenoff' })).status, 303)
  assert.equal((await stripe.checkout.sessions.retrieve(session.id)).amount_total, 2000)
})

test('sessions are listed by customer and status', async () => {
  const customer = await createCustomer()
  const open = await openPayment({ customer: customer.id })
  const gone = await openPayment({ customer: customer.id })
  await stripe.checkout.sessions.expire(gone.id)
  const list = await stripe.checkout.sessions.list({ customer: customer.id, status: 'open' })
  assert.deepEqual(list.data.map((session) => session.id), [open.id])
})

test('sessions that make no sense are refused', async () => {
  const recurring = await createPrice(900)
  const once = await createPrice(900, { recurring: undefined })
  const create = (fields) => stripe.checkout.sessions.create({ success_url, ...fields })
  const items = (price) => [{ price: price.id, quantity: 1 }]
  await invalid(create({ mode: 'payment', line_items: items(recurring) }), { param: 'line_items' })
  await invalid(create({ mode: 'subscription', line_items: items(once) }), { param: 'line_items' })
  await invalid(create({ mode: 'payment' }), { param: 'line_items' })
  await invalid(stripe.checkout.sessions.create({ mode: 'payment', line_items: items(once) }), { param: 'success_url' })
  await invalid(create({ mode: 'payment', line_items: [{ price: 'price_none', quantity: 1 }] }), {
    code: 'resource_missing',
    param: 'line_items[0][price]',
  })
  await invalid(create({ mode: 'payment', line_items: items(once), expires_at: Math.floor(Date.now() / 1000) + 60 }), {
    param: 'expires_at',
  })
  const coupon = await stripe.coupons.create({ percent_off: 25, duration: 'once' })
  await invalid(create({ mode: 'payment', line_items: items(once), discounts: [{ coupon: coupon.id }], allow_promotion_codes: true }))
})

test('an open session can be labelled', async () => {
  const session = await openPayment({ metadata: { a: '1' } })
  const changed = await stripe.checkout.sessions.update(session.id, { metadata: { b: '2' } })
  assert.deepEqual({ ...changed.metadata }, { a: '1', b: '2' })
})

test('after its 24 hours a session expires by itself', async () => {
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: Math.floor(Date.now() / 1000) })
  const customer = await createCustomer({ test_clock: clock.id })
  const session = await openPayment({ customer: customer.id })
  await advance(clock.id, session.expires_at - 60)
  assert.equal((await stripe.checkout.sessions.retrieve(session.id)).status, 'open')
  await advance(clock.id, session.expires_at + 60)
  assert.equal((await stripe.checkout.sessions.retrieve(session.id)).status, 'expired')
  const expired = (await stripe.events.list({ type: 'checkout.session.expired', limit: 100 })).data
  assert.ok(expired.some((event) => event.data.object.id === session.id))
})

test('a coupon counts as redeemed once the session is paid, not before', async () => {
  const coupon = await stripe.coupons.create({ percent_off: 10, duration: 'once' })
  const redeemed = async () => (await stripe.coupons.retrieve(coupon.id)).times_redeemed
  const session = await openPayment({ discounts: [{ coupon: coupon.id }] })
  assert.equal(await redeemed(), 0)
  await submitForm(session.url, good)
  assert.equal(await redeemed(), 1)
  const subscribed = await openSubscription({ discounts: [{ coupon: coupon.id }] })
  await submitForm(subscribed.url, good)
  assert.equal(await redeemed(), 2)
  const done = await stripe.checkout.sessions.retrieve(subscribed.id, { expand: ['invoice'] })
  assert.deepEqual([done.amount_total, done.invoice.total], [2250, 2250])
})
